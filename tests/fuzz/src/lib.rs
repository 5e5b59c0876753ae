//! What the fuzz targets share. `make fuzz` runs them; `examples/seeds.rs` writes the inputs that they begin with.
//!
//! An input is what a stranger may give, or the pieces of it, from which the reader's file is built whole: see [`readers`].

pub mod mutation;
pub mod readers;
pub mod watch;

/// A target that holds `$reader` to its promises and to the limits of [`watch`].
#[macro_export]
macro_rules! target {
    ($reader:path) => {
        libfuzzer_sys::fuzz_target!(|data: &[u8]| {
            $crate::watch::within_limits(data.len(), || $reader(data));
        });
        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            $crate::mutation::mutate(data, size, max_size, seed)
        });
    };
}
