//! Every kernel there is, its WGSL beside its Rust, and both against loops in f64.

use crate::harness::side_by_side;
use crate::{kernels_attention, kernels_cache, kernels_matmul, kernels_norm, kernels_small};
use fledgling::kernels;
use std::collections::BTreeSet;

/// What holds single kernels against f64.
const CASES: &[fn()] = &[
    kernels_attention::attention_forward_and_backward,
    kernels_attention::attention_large_scores,
    kernels_attention::attention_weights,
    kernels_cache::keys_and_values_are_kept,
    kernels_cache::one_token_attends_to_all_before_it,
    kernels_matmul::matmul_sizes,
    kernels_matmul::matmul_large_tiles,
    kernels_matmul::matmul_strides,
    kernels_matmul::matmul_forward_epilogue,
    kernels_matmul::matmul_dropout,
    kernels_matmul::matmul_backward_epilogue,
    kernels_norm::norm_forward_and_backward,
    kernels_small::columns_are_cleared,
    kernels_small::embed_forward_and_backward,
    kernels_small::cross_entropy_and_its_gradient_in_place,
    kernels_small::elementwise_kernels,
    kernels_small::rotary_turns_and_turns_back,
    kernels_small::a_single_token_stands_where_the_host_says,
    kernels_small::optimizer_sums_settles_and_updates,
];

#[test]
fn kernels_all_say_the_same_in_wgsl_and_in_rust() {
    let held: BTreeSet<&str> = CASES.iter().flat_map(|case| side_by_side(*case)).collect();
    let all: BTreeSet<&str> = kernels::all().iter().map(|kernel| kernel.name).collect();
    assert_eq!(held, all, "a kernel without a case, or one that all() forgets");
}
