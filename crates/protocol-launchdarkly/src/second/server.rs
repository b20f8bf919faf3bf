//! What a server SDK is told: flags and segments.

use bytes::Bytes;
use delivery::EnvironmentSnapshot;
use kernel::Revision;

use super::Basis;
use super::transfer::{Transfer, since, transfer};
use super::wire::{Form, write};
use crate::stream::Speech;

/// Tells the difference to what was told before.
pub(crate) struct Differences {
    basis: Basis,
    /// Up to where; `None` before the first word, which goes by the basis.
    told: Option<Revision>,
}

impl Differences {
    /// For an SDK that says it has this.
    pub(crate) fn to(basis: Basis) -> Self {
        Self { basis, told: None }
    }
}

impl Speech for Differences {
    fn tell(&mut self, snapshot: &EnvironmentSnapshot) -> Option<Bytes> {
        let next = match self.told.replace(snapshot.seq) {
            None => transfer(&std::mem::take(&mut self.basis).0, snapshot),
            Some(told) => match since(told, snapshot) {
                Transfer::Nothing => return None,
                changes => changes,
            },
        };
        Some(write(&next, snapshot, Form::Stream))
    }
}
