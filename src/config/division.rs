//! What is kept whole when text is held out for validation.

use super::field::{Control, Field, Group};
use serde::{Deserialize, Serialize};

choice! {
    /// What is kept whole when text is held out for validation.
    Division {
        /// Nothing: the last part of the text is held out.
        Position = "position", "By position";
        /// Documents, parted by blank lines: every so many is held out.
        Document = "document", "By document (blank line)";
        /// Lines: every so many is held out.
        Line = "line", "By line";
    }
}

/// The form's field.
pub(super) fn field() -> Field {
    Field::new(Group::Data, "division", "Held out", Control::choice(Division::CHOICES), "What is held out for the validation loss: the end of the text, or whole documents or lines spread evenly over it. Problems with one answer belong to lines.").more()
}
