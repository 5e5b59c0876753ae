//! Zips of a model: written stored, with one date for all, so that one model is one file; read with every cap on.

use super::FileError;
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use zip::read::ZipArchive;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Entries that are read at most.
const ENTRIES_LIMIT: usize = 32;
/// Bytes that are read at most, packed or unpacked.
pub(super) const LIMIT: u64 = 2 << 30;
/// How many times as large as packed an entry may be.
const RATIO_LIMIT: u64 = 100;

/// Files that a model is read from.
pub(super) const READ: [&str; 5] = ["config.json", "model.safetensors", "tokenizer.json", "vocab.json", "merges.txt"];
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
        let unwritable = |e: &dyn std::fmt::Display| FileError::Unwritable(e.to_string());
        self.zip.start_file(name, options).map_err(|e| unwritable(&e))?;
        write(&mut self.zip).map_err(|e| unwritable(&e))
    }

    /// # Errors
    /// [`FileError::Unwritable`].
    pub(super) fn finish(self) -> Result<Vec<u8>, FileError> {
        Ok(self.zip.finish().map_err(|e| FileError::Unwritable(e.to_string()))?.into_inner())
    }
}

/// Whether these bytes begin as a zip does.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// The files of [`READ`] in a zip, by name. All of them may lie in one folder.
///
/// # Errors
/// One [`FileError`] per way to be wrong; nothing is unpacked before every entry's name and size was checked.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<BTreeMap<&'static str, Vec<u8>>, FileError> {
    let name = || name.to_owned();
    let broken = |e: &dyn std::fmt::Display| FileError::NotZip { name: name(), reason: e.to_string() };
    let whole = bytes.len() as u64;
    if whole > LIMIT {
        return Err(FileError::TooLong { name: name(), entry: "the zip".to_owned(), bytes: whole, limit: LIMIT });
    }
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken(&e))?;
    if zip.len() > ENTRIES_LIMIT {
        return Err(FileError::TooManyEntries { name: name(), count: zip.len(), limit: ENTRIES_LIMIT });
    }
    if zip.has_duplicate_names() {
        return Err(FileError::EntryTwice { name: name(), entry: "an entry".to_owned() });
    }
    if zip.has_overlapping_entries().map_err(|e| broken(&e))? {
        return Err(broken(&"two entries lie over each other"));
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
        let known = READ.into_iter().find(|known| *known == inner);
        if inner.is_empty() && entry.is_dir() {
            continue;
        }
        if known.is_none() && !BESIDE.contains(&inner) {
            return Err(FileError::UnknownEntry { name: name(), entry: shown(), read: READ.join(", ") });
        }
        let (packed, size) = (entry.compressed_size(), entry.size());
        if size > packed.saturating_mul(RATIO_LIMIT) {
            let (entry, unpacked) = (shown(), size);
            return Err(FileError::Ratio { name: name(), entry, packed, unpacked, limit: RATIO_LIMIT });
        }
        unpacked = unpacked.saturating_add(size);
        if unpacked > LIMIT {
            let entry = "what it unpacks to".to_owned();
            return Err(FileError::TooLong { name: name(), entry, bytes: unpacked, limit: LIMIT });
        }
        if entry.encrypted() {
            return Err(broken(&format!("{} is encrypted", shown())));
        }
        if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(broken(&format!(
                "{} is packed by {}; stored and deflated are read",
                shown(),
                entry.compression()
            )));
        }
        wanted.extend(known.map(|known| (index, known)));
    }
    let mut files = BTreeMap::new();
    for (index, file) in wanted {
        let entry = zip.by_index(index).map_err(|e| broken(&e))?;
        let size = entry.size();
        let mut data = Vec::new();
        // One byte more than it claims, to see that it ends there; its checksum is compared at the end.
        let read = entry.take(size.saturating_add(1)).read_to_end(&mut data);
        read.map_err(|e| broken(&format!("{file}: {e}")))?;
        if data.len() as u64 != size {
            return Err(broken(&format!("{file} has {} bytes, and claims {size}", data.len())));
        }
        files.insert(file, data);
    }
    Ok(files)
}
