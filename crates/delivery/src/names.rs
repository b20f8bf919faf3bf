//! What people call the variations of flags: kept beside what SDKs receive, most of which have no use for it.

use std::collections::HashMap;
use std::sync::Arc;

/// The names of variations by flag; a cheap handle to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    /// Only flags of which some variation has a name. Copied when it changes while a snapshot still holds it: names change
    /// far more seldom than anything else of a flag.
    flags: Arc<HashMap<String, Box<[Box<str>]>>>,
}

impl Names {
    /// The names of a flag's variations, in their order; empty for one that has none.
    pub(crate) fn set(&mut self, flag: &str, names: &[&str]) {
        let known = self.flags.get(flag).map(|known| known.iter().map(|name| &**name).collect()).unwrap_or(vec![]);
        let unnamed = names.iter().all(|name| name.is_empty());
        if known == names || (known.is_empty() && unnamed) {
            return;
        }
        let flags = Arc::make_mut(&mut self.flags);
        if unnamed {
            flags.remove(flag);
        } else {
            flags.insert(flag.to_owned(), names.iter().map(|name| Box::from(*name)).collect());
        }
    }

    /// The name of one variation; `None` when it has none.
    pub(crate) fn get(&self, flag: &str, variation: u32) -> Option<&str> {
        let name = self.flags.get(flag)?.get(variation as usize)?;
        Some(&**name).filter(|name| !name.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variation_has_the_name_that_was_last_given_to_it() {
        let mut names = Names::default();
        names.set("a", &["on", ""]);
        names.set("b", &["", ""]);
        let before = names.clone();
        assert_eq!([names.get("a", 0), names.get("a", 1), names.get("a", 2)], [Some("on"), None, None]);
        assert_eq!((names.get("b", 0), names.flags.len()), (None, 1));
        names.set("a", &["on", ""]);
        assert!(Arc::ptr_eq(&names.flags, &before.flags), "nothing is copied when nothing changes");
        names.set("a", &["yes", "no"]);
        assert_eq!((names.get("a", 1), before.get("a", 1)), (Some("no"), None));
        names.set("a", &[]);
        assert_eq!((names.get("a", 0), names.flags.len()), (None, 0));
    }
}
