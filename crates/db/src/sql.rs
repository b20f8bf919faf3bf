//! SQL texts as constants: written once with `?1`, sent as `$1` to PostgreSQL.

use crate::{Statement, Value};

/// A statement's text for both databases; made by [`sql!`](crate::sql!) and listed in its store's `ALL`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sql {
    pub(crate) lite: &'static str,
    pub(crate) pg: &'static str,
}

impl Sql {
    #[doc(hidden)]
    pub const fn new(lite: &'static str, pg: &'static str) -> Self {
        Self { lite, pg }
    }

    /// The statement with its parameters, `?1` first.
    pub fn bind(self, params: Vec<Value>) -> Statement {
        Statement::new(self, params)
    }

    /// The text as SQLite gets it, which is how people read it.
    pub const fn text(self) -> &'static str {
        self.lite
    }
}

/// Makes a constant [`Sql`]: `const GET: Sql = sql!("SELECT body FROM flag WHERE key = ?1");`
///
/// `sql!(lite: "…", pg: "…")` gives each database its own text, both with `?1`; such forks live in the crate `db` alone.
#[macro_export]
macro_rules! sql {
    (lite: $lite:expr, pg: $pg:expr $(,)?) => {{
        const PG: &str = $pg;
        const BYTES: [u8; PG.len()] = $crate::dollars(PG);
        const DOLLARS: &str = $crate::utf8(&BYTES);
        $crate::Sql::new($lite, DOLLARS)
    }};
    ($text:expr) => {
        $crate::sql!(lite: $text, pg: $text)
    };
}

/// `text` with each `?` before a digit and outside quotes turned into `$`; the length stays, so it is done at compile time.
#[doc(hidden)]
pub const fn dollars<const N: usize>(text: &str) -> [u8; N] {
    let bytes = text.as_bytes();
    let mut out = [0; N];
    let mut quoted = false;
    let mut i = 0;
    while i < N {
        if bytes[i] == b'\'' {
            quoted = !quoted;
        }
        let parameter = !quoted && bytes[i] == b'?' && i + 1 < N && bytes[i + 1].is_ascii_digit();
        out[i] = if parameter { b'$' } else { bytes[i] };
        i += 1;
    }
    out
}

#[doc(hidden)]
pub const fn utf8(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("an ASCII sign for another leaves UTF-8 valid"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_become_dollars_but_for_those_in_quotes() {
        const MIXED: Sql = crate::sql!("SELECT '?1 it''s ?2' WHERE a = ?1 AND b ?| ?12 AND c = 'é'");
        assert_eq!(MIXED.pg, "SELECT '?1 it''s ?2' WHERE a = $1 AND b ?| $12 AND c = 'é'");
        assert!(MIXED.lite.contains("a = ?1"));
    }
}
