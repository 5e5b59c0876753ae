//! Where the windows of a batch begin.

use super::field::{Control, Field, Group};
use serde::{Deserialize, Serialize};

choice! {
    /// Where the windows of a batch begin.
    Windows {
        /// At random places, each step anew.
        Random = "random", "Random";
        /// At every multiple of the stride, in an order that is shuffled each epoch; a last, smaller batch is dropped.
        Stride = "stride", "At a stride, shuffled";
        /// Every prefix of every document, one after the other, each predicting its next token.
        Prefixes = "prefixes", "Every prefix";
    }
}

/// The form's field.
pub(super) fn field() -> Field {
    Field::new(Group::Data, "windows", "Windows", Control::choice(Windows::CHOICES), "Where the windows of a batch begin: at random places, at a stride in an order shuffled each epoch, or as every prefix of every line, one at a time. Random ones need no epochs; a stride shows every token equally often.").more()
}
