//! One delivery of events, and how it lies in a file. Pure.

use bytes::{Buf, Bytes};
use delivery::KeyKind;
use delivery::event::{Original, Words};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Lengths of head and body, and a part of the digest of both.
const PREFIX: usize = 4 + 4 + 8;
/// The whole of a record's head and body; a body is bounded by the protocol that takes it.
const MAX_RECORD: usize = 64 << 20;

/// A delivery of events as upstream is to receive it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// How it says who it is from, and who reads it how.
    pub head: Head,
    /// The body, perhaps packed.
    pub body: Bytes,
}

/// What is said of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// By which sort of key it came.
    pub kind: KeyKind,
    /// In whose words it is; files of earlier versions hold LaunchDarkly's alone.
    #[serde(default)]
    pub words: Words,
    /// What all tries of it are called: upstream counts them once.
    pub payload_id: String,
    /// The other headers.
    pub headers: Vec<(String, String)>,
}

impl Delivery {
    /// What an SDK sent, as it came.
    pub fn of(original: &Original<'_>, payload_id: String) -> Self {
        let headers = original.headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let head = Head { kind: original.kind, words: original.words, payload_id, headers: headers.collect() };
        Self { head, body: Bytes::copy_from_slice(original.body) }
    }

    /// As it lies in a file.
    pub fn encode(&self) -> Vec<u8> {
        let head = serde_json::to_vec(&self.head).expect("texts always serialise");
        let length =
            |bytes: &[u8]| u32::try_from(bytes.len()).expect("bodies are bounded far below 4 GiB").to_be_bytes();
        let mut record = Vec::with_capacity(PREFIX + head.len() + self.body.len());
        record.extend(length(&head));
        record.extend(length(&self.body));
        record.extend(&digest(&head, &self.body));
        record.extend(&head);
        record.extend(&self.body);
        record
    }
}

/// The deliveries of a file, and how many bytes at its end are none: a record that was being written when the process was
/// killed, so that nobody was told that it was taken.
pub(super) fn decode(mut file: Bytes) -> (Vec<Delivery>, usize) {
    let mut deliveries = Vec::new();
    while let Some((delivery, length)) = first(&file) {
        deliveries.push(delivery);
        file.advance(length);
    }
    (deliveries, file.len())
}

fn first(file: &Bytes) -> Option<(Delivery, usize)> {
    let mut prefix = file.get(..PREFIX)?;
    let (head, body) = (prefix.get_u32() as usize, prefix.get_u32() as usize);
    let length = PREFIX + head.checked_add(body).filter(|length| *length <= MAX_RECORD)?;
    file.get(..length)?;
    let (head, body) = (file.slice(PREFIX..PREFIX + head), file.slice(PREFIX + head..length));
    if prefix != digest(&head, &body) {
        return None;
    }
    Some((Delivery { head: serde_json::from_slice(&head).ok()?, body }, length))
}

fn digest(head: &[u8], body: &[u8]) -> [u8; 8] {
    let whole = Sha256::new().chain_update(head).chain_update(body).finalize();
    std::array::from_fn(|at| whole[at])
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn delivery(id: &str, body: &'static str) -> Delivery {
        let headers = vec![("user-agent".to_owned(), "Test/1".to_owned())];
        let head = Head { kind: KeyKind::Sdk, words: Words::default(), payload_id: id.to_owned(), headers };
        Delivery { head, body: Bytes::from_static(body.as_bytes()) }
    }

    #[test]
    fn deliveries_are_read_as_they_were_written() {
        let all = [delivery("1", "[]"), delivery("2", ""), delivery("3", "[{}]")];
        let file: Vec<u8> = all.iter().flat_map(Delivery::encode).collect();
        assert_eq!(decode(file.into()), (all.to_vec(), 0));
    }

    #[test]
    fn of_a_file_that_is_cut_or_altered_everything_before_is_read() {
        let (one, two) = (delivery("1", "[]"), delivery("2", "[{}]"));
        let whole = [one.encode(), two.encode()].concat();
        let first = one.encode().len();
        for cut in first..whole.len() {
            assert_eq!(decode(Bytes::copy_from_slice(&whole[..cut])), (vec![one.clone()], cut - first), "cut at {cut}");
            let mut altered = whole.clone();
            altered[cut] ^= 0x40;
            assert_eq!(decode(altered.into()).0, std::slice::from_ref(&one), "altered at {cut}");
        }
    }
}
