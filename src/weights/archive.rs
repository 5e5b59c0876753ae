//! Zips of a model: written stored, with one date for all, so that one model is one file; read with every cap on.

use super::FileError;
use super::source::{Part, Source, Stream};
use std::collections::BTreeMap;
use std::io::{BufReader, Cursor, Read, Write, copy, sink};
use std::rc::Rc;
use zip::read::ZipArchive;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Entries that are read at most.
const ENTRIES_LIMIT: usize = 32;
/// Bytes that are read at most, packed or unpacked.
pub(super) const LIMIT: u64 = 2 << 30;
/// Bytes that are read at once, 256 KiB: a host may take long for every read, and after a seek they are read for nothing.
const BUFFER: usize = 256 << 10;
/// How many times as large as packed an entry may be.
const RATIO_LIMIT: u64 = 100;

/// The weights, where they are in one file.
pub(super) const WEIGHTS: &str = "model.safetensors";
/// Which file holds which tensor, where they are in several.
pub(super) const INDEX: &str = "model.safetensors.index.json";
/// Files that a model is read from, beside [`is_shard`].
const READ: [&str; 6] = ["config.json", WEIGHTS, INDEX, "tokenizer.json", "vocab.json", "merges.txt"];
/// Files that stand beside them and are left alone.
const BESIDE: [&str; 14] = [
    "README.md",
    "LICENSE",
    "model.py",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "generation_config.json",
    "chat_template.jinja",
    "trainer_state.json",
    "all_results.json",
    "train_results.json",
    "eval_results.json",
    "training_args.bin",
    ".gitattributes",
];

/// Bytes that a stored entry of this name and length takes in a zip: its header, the data, its line in the directory.
fn entry_length(name: &str, bytes: u64) -> u64 {
    30 + name.len() as u64 + bytes + 46 + name.len() as u64
}

/// Length of the zip that [`write`] makes of entries of these lengths.
pub(super) fn length<'a>(entries: impl Iterator<Item = (&'a str, u64)>) -> u64 {
    22 + entries.map(|(name, bytes)| entry_length(name, bytes)).sum::<u64>() // 22: the end of the directory
}

/// A zip being written.
pub(super) struct Archive {
    zip: ZipWriter<Cursor<Vec<u8>>>,
}

impl Archive {
    pub(super) fn new(length: u64) -> Self {
        let memory = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        Self { zip: ZipWriter::new(Cursor::new(memory)) }
    }

    /// # Errors
    /// [`FileError::Unwritable`].
    pub(super) fn add(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), FileError> {
        // DateTime's default is 1980, the format's first day: the same model gives the same bytes on every day.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        let unwritable = |e: &dyn std::fmt::Display| FileError::Unwritable { reason: e.to_string() };
        self.zip.start_file(name, options).map_err(|e| unwritable(&e))?;
        write(&mut self.zip).map_err(|e| unwritable(&e))
    }

    /// # Errors
    /// [`FileError::Unwritable`].
    pub(super) fn finish(self) -> Result<Vec<u8>, FileError> {
        Ok(self.zip.finish().map_err(|e| FileError::Unwritable { reason: e.to_string() })?.into_inner())
    }
}

/// Whether a file is one of several that hold the weights: model-00001-of-00003.safetensors.
pub(super) fn is_shard(name: &str) -> bool {
    let number = |part: &str| part.len() == 5 && part.bytes().all(|b| b.is_ascii_digit());
    let (of, rest) = match name.strip_suffix(".safetensors").and_then(|name| name.rsplit_once("-of-")) {
        Some((rest, of)) => (of, rest),
        None => return false,
    };
    number(of) && rest.rsplit_once('-').is_some_and(|(_, part)| number(part))
}

/// Whether a file by this name is one of those that a model is read from.
pub(super) fn is_read(name: &str) -> bool {
    READ.contains(&name) || is_shard(name)
}

/// Whether a file begins as a zip does.
///
/// # Errors
/// [`FileError::Unreadable`].
pub(super) fn is_zip(name: &str, file: &dyn Source) -> Result<bool, FileError> {
    let unreadable = |reason| FileError::Unreadable { name: name.to_owned(), reason };
    let head = file.read(0..file.size().min(4)).map_err(unreadable)?;
    Ok(*head == *b"PK\x03\x04" || *head == *b"PK\x05\x06")
}

/// The files in a zip that a model is read from, by name. All of them may lie in one folder. What is stored is held against its
/// checksum and stays where it is; what is packed is unpacked.
///
/// # Errors
/// One [`FileError`] per way to be wrong; nothing is unpacked before every entry's name and size was checked.
pub(super) fn read<'a>(
    name: &str,
    file: &Rc<dyn Source + 'a>,
) -> Result<BTreeMap<String, Rc<dyn Source + 'a>>, FileError> {
    let name = || name.to_owned();
    let broken = |e: &dyn std::fmt::Display| FileError::NotZip { name: name(), reason: e.to_string() };
    let whole = file.size();
    if whole > LIMIT {
        return Err(FileError::ZipTooLong { name: name(), bytes: whole, limit: LIMIT });
    }
    let mut zip =
        ZipArchive::new(BufReader::with_capacity(BUFFER, Stream::new(Rc::clone(file)))).map_err(|e| broken(&e))?;
    if zip.len() > ENTRIES_LIMIT {
        return Err(FileError::TooManyEntries { name: name(), count: zip.len(), limit: ENTRIES_LIMIT });
    }
    if zip.has_duplicate_names() {
        return Err(FileError::EntriesAlike { name: name() });
    }
    if zip.has_overlapping_entries().map_err(|e| broken(&e))? {
        return Err(FileError::EntriesOverlap { name: name() });
    }
    let names: Vec<String> = zip.file_names_raw().map(|raw| String::from_utf8_lossy(raw).into_owned()).collect();
    let folder = names.first().and_then(|first| first.split_once('/')).map(|(folder, _)| format!("{folder}/"));
    let folder = folder.filter(|folder| names.iter().all(|name| name.starts_with(folder.as_str())));
    let folder = folder.filter(|folder| !folder.starts_with('.')).unwrap_or_default();
    let (mut wanted, mut unpacked) = (Vec::new(), 0u64);
    for index in 0..zip.len() {
        let entry = zip.by_index_raw(index).map_err(|e| broken(&e))?;
        let full = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let inner = full.strip_prefix(&folder).unwrap_or(&full);
        let shown = || format!("{:?}", full.chars().take(100).collect::<String>());
        let known = is_read(inner).then(|| inner.to_owned());
        if inner.is_empty() && entry.is_dir() {
            continue;
        }
        if known.is_none() && !BESIDE.contains(&inner) {
            return Err(FileError::UnknownEntry { name: name(), entry: shown(), read: READ.to_vec() });
        }
        let (packed, size) = (entry.compressed_size(), entry.size());
        if size > packed.saturating_mul(RATIO_LIMIT) {
            let (entry, unpacked) = (shown(), size);
            return Err(FileError::RatioTooHigh { name: name(), entry, packed, unpacked, limit: RATIO_LIMIT });
        }
        unpacked = unpacked.saturating_add(size);
        if unpacked > LIMIT {
            return Err(FileError::UnpackedTooLong { name: name(), bytes: unpacked, limit: LIMIT });
        }
        if entry.encrypted() {
            return Err(FileError::EntryEncrypted { name: name(), entry: shown() });
        }
        if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            let by = entry.compression().to_string();
            return Err(FileError::EntryPacked { name: name(), entry: shown(), by });
        }
        wanted.extend(known.map(|known| (index, known)));
    }
    let mut files: BTreeMap<String, Rc<dyn Source + 'a>> = BTreeMap::new();
    for (index, inner) in wanted {
        let entry = zip.by_index(index).map_err(|e| broken(&e))?;
        let (size, stored) = (entry.size(), entry.compression() == CompressionMethod::Stored);
        let start = entry.data_start().filter(|_| stored);
        // One byte more than it claims, to see that it ends there; its checksum is compared at the end.
        let mut entry = entry.take(size.saturating_add(1));
        let mut data = Vec::new();
        let read = match start {
            Some(_) => copy(&mut entry, &mut sink()),
            None => entry.read_to_end(&mut data).map(|read| read as u64),
        };
        let read =
            read.map_err(|e| FileError::EntryBroken { name: name(), entry: inner.clone(), reason: e.to_string() })?;
        if read != size {
            return Err(FileError::EntryLength { name: name(), entry: inner, found: read, claimed: size });
        }
        let source: Rc<dyn Source> = match start {
            Some(start) => Rc::new(Part { of: Rc::clone(file), at: start..start + size }),
            None => Rc::new(data),
        };
        files.insert(inner, source);
    }
    Ok(files)
}
