//! Reads the keys out of a CSV file that comes in pieces; pure.
//!
//! Either one key a line, or a first line that names the columns: `key`, and perhaps `list` with `included` or `excluded`.

use csv_core::{ReadRecordResult, Reader};

use crate::model::MemberList;

/// As long as any other context key that is named here.
const KEY_CHARACTERS: usize = 512;
/// No line holds more: a key of the greatest length in four-byte characters, and some columns that are passed over.
const LINE_BYTES: usize = 16 << 10;
const COLUMNS: usize = 64;

/// One line that names a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The key.
    pub key: &'a str,
    /// The list that it goes on.
    pub list: MemberList,
    /// Which line, from 1.
    pub number: u64,
}

/// A line that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct LineError {
    /// Which line, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: LineReason,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineReason {
    /// No text.
    #[error("it is not UTF-8")]
    NotText,
    /// Nothing where the key should be.
    #[error("the key is empty")]
    Empty,
    /// A key that no context is likely to have.
    #[error("the key begins or ends with a blank")]
    Blank,
    /// More characters than a key may have.
    #[error("the key is longer than {KEY_CHARACTERS} characters")]
    TooLong,
    /// A line longer than any that makes sense, or with more columns.
    #[error("it is longer than {LINE_BYTES} bytes or has more than {COLUMNS} columns")]
    TooWide,
    /// Several columns, and nothing says which is the key.
    #[error("there are several columns: begin the file with a line that names them, one of them 'key'")]
    NoHeader,
    /// Fewer columns than the first line names.
    #[error("it has no column 'key'")]
    ColumnMissing,
    /// A word that is none of the two lists.
    #[error("the list '{0}' is neither 'included' nor 'excluded'")]
    List(String),
}

/// Where the key and the list stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    key: usize,
    list: Option<usize>,
    /// Whether the first line named them.
    named: bool,
}

/// Reads a file piece by piece; holds one line at most.
pub struct KeyReader {
    csv: Reader,
    text: Box<[u8]>,
    ends: Box<[usize]>,
    text_length: usize,
    ends_length: usize,
    columns: Option<Columns>,
    newlines: u64,
    last_byte: u8,
}

impl Default for KeyReader {
    fn default() -> Self {
        Self {
            csv: Reader::new(),
            text: vec![0; LINE_BYTES].into(),
            ends: vec![0; COLUMNS].into(),
            text_length: 0,
            ends_length: 0,
            columns: None,
            newlines: 0,
            last_byte: 0,
        }
    }
}

impl KeyReader {
    /// Reads the lines that end in `piece`, the next piece of the file; an empty one is its end.
    pub fn read<E: From<LineError>>(
        &mut self,
        mut piece: &[u8],
        take: &mut impl FnMut(Line<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            let (text, ends) = (&mut self.text[self.text_length..], &mut self.ends[self.ends_length..]);
            let (result, read, text_written, ends_written) = self.csv.read_record(piece, text, ends);
            self.count(&piece[..read]);
            piece = &piece[read..];
            self.text_length += text_written;
            self.ends_length += ends_written;
            match result {
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return Ok(()),
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    return Err(self.refuse(LineReason::TooWide).into());
                }
                ReadRecordResult::Record => {
                    if let Some(line) = self.line()? {
                        take(line)?;
                    }
                    (self.text_length, self.ends_length) = (0, 0);
                }
            }
        }
    }

    fn count(&mut self, read: &[u8]) {
        self.newlines += read.iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
        self.last_byte = read.last().copied().unwrap_or(self.last_byte);
    }

    /// The number of the line that was read last, whether its end was read with it or not.
    fn number(&self) -> u64 {
        if self.last_byte == b'\n' { self.newlines.max(1) } else { self.newlines + 1 }
    }

    fn refuse(&self, reason: LineReason) -> LineError {
        LineError { line: self.number(), reason }
    }

    /// What the record says; `None` when it names the columns.
    fn line(&mut self) -> Result<Option<Line<'_>>, LineError> {
        let columns = if let Some(columns) = self.columns {
            columns
        } else {
            self.skip_mark();
            let columns = self.begin()?;
            self.columns = Some(columns);
            if columns.named {
                return Ok(None);
            }
            columns
        };
        let Some(key) = self.field(columns.key)? else { return Err(self.refuse(LineReason::ColumnMissing)) };
        if let Some(reason) = wrong(key) {
            return Err(self.refuse(reason));
        }
        if !columns.named && self.ends_length > 1 {
            return Err(self.refuse(LineReason::NoHeader));
        }
        let list = match columns.list.map(|at| self.field(at)).transpose()?.flatten() {
            None | Some("" | "included") => MemberList::Included,
            Some("excluded") => MemberList::Excluded,
            Some(other) => return Err(self.refuse(LineReason::List(other.chars().take(40).collect()))),
        };
        Ok(Some(Line { key, list, number: self.number() }))
    }

    /// Windows writes a byte-order mark before the first line. The parser knows it only when it comes in one piece.
    fn skip_mark(&mut self) {
        const MARK: &[u8] = "\u{feff}".as_bytes();
        if self.text[..self.text_length].starts_with(MARK) {
            self.text.copy_within(MARK.len()..self.text_length, 0);
            self.text_length -= MARK.len();
            self.ends[..self.ends_length].iter_mut().for_each(|end| *end -= MARK.len());
        }
    }

    /// What the first line makes of the file.
    fn begin(&self) -> Result<Columns, LineError> {
        let mut named = Columns { key: usize::MAX, list: None, named: true };
        for at in 0..self.ends_length {
            match self.field(at)?.map(|name| name.trim().to_ascii_lowercase()).as_deref() {
                Some("key") => named.key = at,
                Some("list") => named.list = Some(at),
                _ => {}
            }
        }
        match (named.key, self.ends_length) {
            (usize::MAX, 0 | 1) => Ok(Columns { key: 0, list: None, named: false }),
            (usize::MAX, _) => Err(self.refuse(LineReason::NoHeader)),
            _ => Ok(named),
        }
    }

    fn field(&self, at: usize) -> Result<Option<&str>, LineError> {
        if at >= self.ends_length {
            return Ok(None);
        }
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        let text = std::str::from_utf8(&self.text[start..self.ends[at]]);
        text.map(Some).map_err(|_| self.refuse(LineReason::NotText))
    }
}

fn wrong(key: &str) -> Option<LineReason> {
    if key.is_empty() {
        Some(LineReason::Empty)
    } else if key.trim() != key {
        Some(LineReason::Blank)
    } else if key.len() > KEY_CHARACTERS && key.chars().count() > KEY_CHARACTERS {
        Some(LineReason::TooLong)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file, and the keys on its lines.
    type Case<'a> = (&'a str, &'a [(&'a str, MemberList, u64)]);

    /// The keys of a file that comes in pieces of `size` bytes.
    fn keys(file: &[u8], size: usize) -> Result<Vec<(String, MemberList, u64)>, LineError> {
        let mut reader = KeyReader::default();
        let mut keys = vec![];
        let mut take = |line: Line<'_>| -> Result<(), LineError> {
            keys.push((line.key.to_owned(), line.list, line.number));
            Ok(())
        };
        for piece in file.chunks(size) {
            reader.read(piece, &mut take)?;
        }
        reader.read(&[], &mut take)?;
        Ok(keys)
    }

    #[test]
    fn keys_are_read_however_the_file_is_cut() {
        use MemberList::{Excluded, Included};
        let table: [Case<'_>; 8] = [
            ("", &[]),
            ("ada\nbob\n", &[("ada", Included, 1), ("bob", Included, 2)]),
            ("ada\r\nbob", &[("ada", Included, 1), ("bob", Included, 2)]),
            ("\u{feff}key\nada\n\n\nbob\n", &[("ada", Included, 2), ("bob", Included, 5)]),
            ("\"a,b\"\n\"c \"\"d\"\"\"\n", &[("a,b", Included, 1), ("c \"d\"", Included, 2)]),
            ("name,Key\nAda,ada\nBob,bob\n", &[("ada", Included, 2), ("bob", Included, 3)]),
            (
                "key,list\nada,included\nbob,excluded\ncem,\n",
                &[("ada", Included, 2), ("bob", Excluded, 3), ("cem", Included, 4)],
            ),
            ("ключ\n", &[("ключ", Included, 1)]),
        ];
        for (file, expected) in table {
            let expected: Vec<_> = expected.iter().map(|(key, list, line)| ((*key).to_owned(), *list, *line)).collect();
            for size in [1, 2, 3, 7, 1_000] {
                assert_eq!(keys(file.as_bytes(), size).unwrap(), expected, "{file:?} in pieces of {size}");
            }
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let long = format!("ada\n{}\n", "x".repeat(513));
        let wide = "x".repeat(20_000);
        let table: [(&[u8], u64, LineReason); 9] = [
            (b"ada\n\"\"\n", 2, LineReason::Empty),
            (b"key,list\nada\n,included\n", 3, LineReason::Empty),
            (b"ada\nbob \n", 2, LineReason::Blank),
            (long.as_bytes(), 2, LineReason::TooLong),
            (wide.as_bytes(), 1, LineReason::TooWide),
            (b"ada,bob\n", 1, LineReason::NoHeader),
            (b"ada\nbob,cem\n", 2, LineReason::NoHeader),
            (b"name,key\nAda,ada\nBob\n", 3, LineReason::ColumnMissing),
            (b"key,list\nada,maybe\n", 2, LineReason::List("maybe".to_owned())),
        ];
        for (file, line, reason) in table {
            for size in [1, 5, 100_000] {
                let expected = LineError { line, reason: reason.clone() };
                assert_eq!(keys(file, size).unwrap_err(), expected, "{:?}", String::from_utf8_lossy(file));
            }
        }
        assert_eq!(keys(b"ada\n\xff\n", 100).unwrap_err().reason, LineReason::NotText);
    }
}
