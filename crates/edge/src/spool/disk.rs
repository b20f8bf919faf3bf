//! The files of a spool: records are appended to the youngest, which is sealed when it is long enough or when its turn to be
//! forwarded has come; a file goes when upstream has all of it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use crate::keep::sync_folder_of;

/// A file is sealed when it is so long; what is forwarded twice after a kill is at most one of these.
const LONG: u64 = 1 << 20;
const ENDING: &str = "events";

/// A file that nothing is appended to any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// Its place in the order of files.
    pub(super) id: u64,
    /// How many bytes it has.
    pub(super) bytes: u64,
}

/// The folder, and the file that is written.
pub(super) struct Disk {
    folder: PathBuf,
    next: u64,
    active: Option<(Segment, File)>,
}

impl Disk {
    /// Opens the folder, and gives the files that are in it, oldest first.
    pub(super) fn open(folder: &Path) -> io::Result<(Self, Vec<Segment>)> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut segments = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            let id = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
            if let (Some(id), Some(true)) = (id, path.extension().map(|ending| ending == ENDING)) {
                segments.push(Segment { id, bytes: entry.metadata()?.len() });
            }
        }
        segments.sort_by_key(|segment| segment.id);
        let next = segments.last().map_or(1, |last| last.id + 1);
        Ok((Self { folder: folder.to_owned(), next, active: None }, segments))
    }

    /// Appends the records and makes them durable, all or none. Gives the file too, if it is sealed by it.
    pub(super) fn append(&mut self, records: &[Vec<u8>]) -> (io::Result<()>, Option<Segment>) {
        let (mut segment, mut file) = match self.active.take().map_or_else(|| self.begin(), Ok) {
            Ok(active) => active,
            Err(error) => return (Err(error), None),
        };
        let written = records.iter().try_for_each(|record| file.write_all(record)).and_then(|()| file.sync_data());
        if written.is_err() && file.set_len(segment.bytes).and_then(|()| file.sync_data()).is_err() {
            // What was half written stays behind the end that is known, and the next file goes on.
            return (written, Some(segment).filter(|segment| segment.bytes > 0));
        }
        if written.is_ok() {
            segment.bytes += records.iter().map(|record| record.len() as u64).sum::<u64>();
        }
        self.active = Some((segment, file));
        (written, if segment.bytes >= LONG { self.seal() } else { None })
    }

    fn begin(&mut self) -> io::Result<(Segment, File)> {
        let id = self.next;
        self.next += 1;
        let path = path(&self.folder, id);
        let file = OpenOptions::new().append(true).create_new(true).mode(0o600).open(&path)?;
        sync_folder_of(&path)?;
        Ok((Segment { id, bytes: 0 }, file))
    }

    /// Nothing is appended any more to the file that is written; `None` when there is none.
    pub(super) fn seal(&mut self) -> Option<Segment> {
        self.active.take().map(|(segment, _)| segment)
    }
}

fn path(folder: &Path, id: u64) -> PathBuf {
    folder.join(format!("{id:020}.{ENDING}"))
}

/// Everything in a file.
pub(super) fn read(folder: &Path, segment: Segment) -> io::Result<Bytes> {
    let mut bytes = Vec::with_capacity(usize::try_from(segment.bytes).unwrap_or_default());
    File::open(path(folder, segment.id))?.take(segment.bytes).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

/// Upstream has all of it. That the name comes back after a crash does no harm: it is forwarded again, and counted once.
pub(super) fn remove(folder: &Path, segment: Segment) -> io::Result<()> {
    fs::remove_file(path(folder, segment.id))
}
