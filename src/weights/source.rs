//! Where the bytes of a file come from: memory, or a host that reads a stretch of them at a time, so that no large file is ever
//! in memory whole.

use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::rc::Rc;

/// Bytes that are read at once, 4 MiB: a whole number of numbers of every type.
const STRETCH: u64 = 4 << 20;

/// A file to read from.
pub trait Source {
    /// Its length, bytes.
    fn size(&self) -> u64;
    /// Some of its bytes: all that were asked for.
    ///
    /// # Errors
    /// The host's own words.
    fn read(&self, at: Range<u64>) -> Result<Cow<'_, [u8]>, String>;
}

impl Source for &[u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }
    fn read(&self, at: Range<u64>) -> Result<Cow<'_, [u8]>, String> {
        stretch(self, at)
    }
}

impl Source for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }
    fn read(&self, at: Range<u64>) -> Result<Cow<'_, [u8]>, String> {
        stretch(self, at)
    }
}

fn stretch(bytes: &[u8], at: Range<u64>) -> Result<Cow<'_, [u8]>, String> {
    let place = usize::try_from(at.start).ok().zip(usize::try_from(at.end).ok());
    let found = place.and_then(|(start, end)| bytes.get(start..end));
    found.map(Cow::Borrowed).ok_or_else(too_short)
}

/// What a stretch that no file has gives, in the words of a host.
fn too_short() -> String {
    io::Error::from(io::ErrorKind::UnexpectedEof).to_string()
}

/// Cuts a stretch of bytes into those that are read at once.
pub(super) fn stretches(at: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    (at.start..at.end).step_by(STRETCH as usize).map(move |start| start..(start + STRETCH).min(at.end))
}

/// A file inside a file.
pub(super) struct Part<'a> {
    pub(super) of: Rc<dyn Source + 'a>,
    pub(super) at: Range<u64>,
}

impl Source for Part<'_> {
    fn size(&self) -> u64 {
        self.at.end - self.at.start
    }
    fn read(&self, at: Range<u64>) -> Result<Cow<'_, [u8]>, String> {
        if at.end > self.size() {
            return Err(too_short());
        }
        self.of.read(self.at.start + at.start..self.at.start + at.end)
    }
}

/// A file read as a stream.
pub(super) struct Stream<'a> {
    of: Rc<dyn Source + 'a>,
    at: u64,
}

impl<'a> Stream<'a> {
    pub(super) fn new(of: Rc<dyn Source + 'a>) -> Self {
        Self { of, at: 0 }
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = (buffer.len() as u64).min(STRETCH).min(self.of.size().saturating_sub(self.at));
        let bytes = self.of.read(self.at..self.at + count).map_err(io::Error::other)?;
        buffer[..bytes.len()].copy_from_slice(&bytes);
        self.at += count;
        Ok(bytes.len())
    }
}

impl Seek for Stream<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.of.size().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = place.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
