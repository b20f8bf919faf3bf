//! Decides what becomes of a person whom an admin wants changed.

use kernel::Timestamp;

use crate::{Name, Person, Role};

/// What an admin wants; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// A new name.
    pub name: Option<Name>,
    /// A new role.
    pub role: Option<Role>,
    /// Whether they are locked out.
    pub disabled: Option<bool>,
}

/// What becomes of the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amended {
    /// The person as they will be.
    pub person: Person,
    /// Their sessions and tokens end.
    pub locked_out: bool,
}

/// Nobody would be left to let people in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is the last admin: make somebody else admin first")]
pub struct LastAdmin;

/// Decides on `wish`, where `other_admins` besides `person` can log in and administer.
pub fn amend(person: &Person, wish: Wish, other_admins: i64, now: Timestamp) -> Result<Amended, LastAdmin> {
    let mut amended = person.clone();
    if let Some(name) = wish.name {
        amended.name = name;
    }
    if let Some(role) = wish.role {
        amended.role = role;
    }
    match wish.disabled {
        Some(true) => amended.disabled_at = person.disabled_at.or(Some(now)),
        Some(false) => amended.disabled_at = None,
        None => {}
    }
    if person.is_active_admin() && !amended.is_active_admin() && other_admins == 0 {
        return Err(LastAdmin);
    }
    let locked_out = person.disabled_at.is_none() && amended.disabled_at.is_some();
    Ok(Amended { person: amended, locked_out })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Email;
    use kernel::PersonId;

    fn admin() -> Person {
        Person {
            id: PersonId::from_stored("per_1"),
            email: Email::new("ada@example.com").unwrap(),
            name: Name::new("Ada").unwrap(),
            role: Role::Admin,
            invited: false,
            created_at: Timestamp::EPOCH,
            disabled_at: None,
        }
    }

    const NOW: Timestamp = Timestamp::from_secs(60);

    #[test]
    fn the_last_admin_stays_one() {
        let demote = Wish { role: Some(Role::Writer), ..Wish::default() };
        let disable = Wish { disabled: Some(true), ..Wish::default() };
        let rename = Wish { name: Some(Name::new("Ada L.").unwrap()), ..Wish::default() };
        for (wish, other_admins, possible) in
            [(&demote, 0, false), (&demote, 1, true), (&disable, 0, false), (&disable, 1, true), (&rename, 0, true)]
        {
            assert_eq!(amend(&admin(), wish.clone(), other_admins, NOW).is_ok(), possible, "{wish:?} {other_admins}");
        }
        let invited = Person { invited: true, ..admin() };
        assert!(amend(&invited, demote, 0, NOW).is_ok(), "somebody who never came in is not the last admin");
    }

    #[test]
    fn disabling_locks_out_once_and_keeps_its_instant() {
        let disable = Wish { disabled: Some(true), ..Wish::default() };
        let first = amend(&admin(), disable.clone(), 1, NOW).unwrap();
        assert_eq!((first.locked_out, first.person.disabled_at), (true, Some(NOW)));
        let again = amend(&first.person, disable, 1, Timestamp::from_secs(120)).unwrap();
        assert_eq!((again.locked_out, again.person.disabled_at), (false, Some(NOW)));
        let back = amend(&first.person, Wish { disabled: Some(false), ..Wish::default() }, 1, NOW).unwrap();
        assert_eq!((back.locked_out, back.person.disabled_at), (false, None));
    }
}
