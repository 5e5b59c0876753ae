//! Token embedding plus position: the way into the model.

use super::Dropout;
use crate::kernels::{self as k, EmbedParams};
use crate::tape::{Dispatch, Region, Tape, Value, grid};

/// A batch of token ids, and the same sorted, for the embedding's gradient.
#[derive(Clone, Copy, Debug)]
pub struct Tokens {
    /// [batch, seq]
    pub ids: Region,
    /// Rows of the batch sorted by token [rows]; absent where nothing is trained.
    pub order: Option<Region>,
    /// First place in `order` of each token [vocab + 1]; absent where nothing is trained.
    pub starts: Option<Region>,
    /// Where the position of a single token stands [1]; absent where a window's rows stand one behind the other.
    pub place: Option<Region>,
    /// Windows.
    pub batch: usize,
    /// Positions per window.
    pub seq: usize,
}

/// Position vectors that are added to the tokens'.
#[derive(Clone, Copy, Debug)]
pub enum Added {
    /// Trained: [context, width].
    Learned(Value),
    /// A fixed table [context, width].
    Fixed(Region),
    /// None.
    Nothing,
}

/// dropout(token[id] + position), [batch·seq, width].
pub fn embed(tape: &mut Tape, tokens: Tokens, table: Value, added: Added, dropout: Option<Dropout>) -> Value {
    let rows = tokens.batch * tokens.seq;
    let (vocab, width) = (tape.rows(table), tape.columns(table));
    let out = tape.tensor("embedding", &[rows, width]);
    let params = EmbedParams {
        rows: rows as u32,
        seq: tokens.seq as u32,
        width: width as u32,
        vocab: vocab as u32,
        site: dropout.map_or(0, |d| d.site),
        dropout: dropout.map_or(0.0, |d| d.rate),
    };
    let step = dropout.map(|d| d.step);
    let position = match added {
        Added::Learned(value) => Some(tape.data(value)),
        Added::Fixed(region) => Some(region),
        Added::Nothing => None,
    };
    let regions = [step, Some(tokens.ids), Some(tape.data(table)), position, Some(tape.data(out)), tokens.place];
    let forward = Dispatch::new(&k::EMBED_FORWARD, &params, grid(rows * width, 64), &regions);
    let forward = forward.with("POSITIONS", position.is_some()).with("DROPOUT", dropout.is_some());
    tape.dispatch(forward.with("SINGLE", tokens.place.is_some()));
    let inputs: Vec<Value> = match added {
        Added::Learned(value) => vec![table, value],
        _ => vec![table],
    };
    tape.record("embed", &inputs, Some(out), move |b| {
        // x[r] = (token[id[r]] + position[r mod seq]) · scale[r]
        let gradient = b.gradient(out);
        let to_token = b.target(table);
        let to_position = match added {
            Added::Learned(position) => Some(b.target(position)),
            _ => None,
        };
        let rows = vocab + if to_position.is_some() { tokens.seq } else { 0 };
        let places = [Some(to_token.region), to_position.map(|to| to.region)];
        let regions = [step, Some(gradient), tokens.order, tokens.starts, places[0], places[1]];
        let dispatch = Dispatch::new(&k::EMBED_BACKWARD, &params, grid(rows * width, 64), &regions)
            .with("POSITIONS", to_position.is_some())
            .with("DROPOUT", dropout.is_some())
            .with("ACCUMULATE_TOKEN", to_token.accumulate);
        b.dispatch(dispatch.with("ACCUMULATE_POSITION", to_position.is_some_and(|to| to.accumulate)));
    });
    out
}
