//! From the bytes of a stream to its events: unpacked as they come, and never more of them in memory than the bound.

use std::io::Write;
use std::num::NonZeroUsize;

use bytes::{Buf, Bytes};
use flate2::write::GzDecoder;
use sse_core::{MessageEvent, PayloadTooLargeError, SseDecoder, SseEvent};

/// The longest event: a `put` of 20,000 large flags has some 40 MB.
pub const MAX_EVENT: NonZeroUsize = NonZeroUsize::new(128 << 20).expect("it is not zero");
/// So much is unpacked at once: gzip makes at most a thousand times of it.
const PIECE: usize = 4 << 10;

/// Why a stream cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum Undecodable {
    /// An event is longer than [`MAX_EVENT`].
    #[error("an event is longer than {} MiB", MAX_EVENT.get() >> 20)]
    TooLong(#[from] PayloadTooLargeError),
    /// It says that it is gzip, and is not.
    #[error("the stream is not the gzip that it says it is")]
    NotGzip(#[from] std::io::Error),
}

/// Reads one stream, whose chunks end anywhere.
pub struct Decoder {
    unpacking: Option<GzDecoder<Vec<u8>>>,
    events: SseDecoder,
}

impl Decoder {
    /// For a stream that is packed by gzip, or is not.
    pub fn new(gzip: bool) -> Self {
        Self { unpacking: gzip.then(|| GzDecoder::new(Vec::new())), events: SseDecoder::with_limit(MAX_EVENT) }
    }

    /// Hands each event that `chunk` completes to `take`, until one of them is refused.
    pub fn read<E: From<Undecodable>>(
        &mut self,
        chunk: Bytes,
        mut take: impl FnMut(MessageEvent) -> Result<(), E>,
    ) -> Result<(), E> {
        let Some(unpacking) = &mut self.unpacking else { return events(&mut self.events, chunk, &mut take) };
        for piece in chunk.chunks(PIECE) {
            unpacking.write_all(piece).and_then(|()| unpacking.flush()).map_err(Undecodable::from)?;
            let unpacked = std::mem::take(unpacking.get_mut());
            events(&mut self.events, Bytes::from(unpacked), &mut take)?;
        }
        Ok(())
    }
}

fn events<E: From<Undecodable>>(
    decoder: &mut SseDecoder,
    mut bytes: Bytes,
    take: &mut impl FnMut(MessageEvent) -> Result<(), E>,
) -> Result<(), E> {
    while bytes.has_remaining() {
        match decoder.next(&mut bytes).transpose().map_err(Undecodable::from)? {
            Some(SseEvent::Message(event)) => take(event)?,
            // When to come back is decided by `backoff`.
            Some(SseEvent::Retry(_)) => {}
            None => break,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn read(decoder: &mut Decoder, chunk: &[u8]) -> Result<Vec<(String, String)>, Undecodable> {
        let mut seen = Vec::new();
        decoder.read(Bytes::copy_from_slice(chunk), |event| {
            seen.push((event.event.into_owned(), event.data));
            Ok::<_, Undecodable>(())
        })?;
        Ok(seen)
    }

    #[test]
    fn events_are_found_wherever_chunks_end() {
        let text = b":\n\nevent: put\ndata: {\"a\":1}\n\nevent:delete\r\ndata:{}\r\n\r\n";
        for cut in 0..text.len() {
            let mut decoder = Decoder::new(false);
            let mut seen = read(&mut decoder, &text[..cut]).unwrap();
            seen.extend(read(&mut decoder, &text[cut..]).unwrap());
            assert_eq!(seen, [("put".into(), "{\"a\":1}".into()), ("delete".into(), "{}".into())], "cut at {cut}");
        }
    }

    #[test]
    fn a_packed_event_is_read_as_soon_as_upstream_flushes_it() {
        let mut packer = GzEncoder::new(Vec::new(), Compression::default());
        let mut decoder = Decoder::new(true);
        for name in ["put", "patch"] {
            write!(packer, "event: {name}\ndata: {{}}\n\n").unwrap();
            packer.flush().unwrap();
            let seen = read(&mut decoder, &std::mem::take(packer.get_mut())).unwrap();
            assert_eq!(seen, [(name.to_owned(), "{}".to_owned())]);
        }
        assert!(matches!(read(&mut Decoder::new(true), b"data: {}\n\n"), Err(Undecodable::NotGzip(_))));
    }

    #[test]
    fn an_endless_event_stops_at_the_bound() {
        let mut decoder = Decoder::new(false);
        let chunk = vec![b'x'; 1 << 20];
        read(&mut decoder, b"data: ").unwrap();
        let refused = (0..130).find_map(|_| read(&mut decoder, &chunk).err());
        assert!(matches!(refused, Some(Undecodable::TooLong(_))), "{refused:?}");
    }
}
