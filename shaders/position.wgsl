// Snippet: the position of a row. Rows of a window stand one behind the other; a single token stands where the host says.
override SINGLE: bool = false;

@group(0) @binding(11) var<storage, read> place: array<u32>;

fn position_of(row: u32, seq: u32) -> u32 {
    if (SINGLE) {
        return place[0];
    }
    return row % seq;
}
