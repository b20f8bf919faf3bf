//! One page of a list, by cursor.

use serde::{Deserialize, Serialize};

/// One page of a list, and how to ask for the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// The cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Which page: the items after `after`, at most `limit` (1 to 1,000).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The cursor from the page before; its meaning is the list's own.
    pub after: Option<String>,
    /// At most so many items.
    pub limit: usize,
}

impl PageRequest {
    /// Makes a page of `rows`, of which one more than `limit` was read to know whether there is a next.
    pub fn page<T>(&self, mut rows: Vec<T>, cursor: impl Fn(&T) -> String) -> Page<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = if more { rows.last().map(cursor) } else { None };
        Page { items: rows, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_has_no_cursor() {
        let request = PageRequest { after: None, limit: 2 };
        let full = request.page(vec![1, 2, 3], ToString::to_string);
        assert_eq!((full.items, full.next.as_deref()), (vec![1, 2], Some("2")));
        assert_eq!(request.page(vec![1, 2], ToString::to_string).next, None);
    }
}
