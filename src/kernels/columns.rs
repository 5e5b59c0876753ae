//! The kernel of columns.wgsl.

use super::{Access, Call, Kernel, Slot};
use bytemuck::{Pod, Zeroable};

params! {
    /// Columns of a matrix.
    ColumnsParams {
        /// Rows.
        rows: u32,
        /// Words from row to row.
        stride: u32,
        /// First of the columns.
        first: u32,
        /// How many.
        count: u32,
    }
}

const COLUMNS: &[&str] = sources!["index", "columns"];

kernels!("columns", COLUMNS, ColumnsParams, {
    /// Sets them to zero.
    COLUMNS_CLEAR = "clear" { x: 2 Write } => clear;
});

fn clear(call: &mut Call<'_>) {
    let ColumnsParams { rows, stride, first, count } = call.params();
    for row in call.write("x").chunks_mut(stride as usize).take(rows as usize) {
        row[first as usize..][..count as usize].fill(0.0);
    }
}
