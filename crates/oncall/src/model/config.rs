//! What people set up: services, schedules, escalation policies, contact methods.

use kernel::{Actor, EnvironmentKey, PersonId, PolicyKey, ProjectKey, Revision, ScheduleKey, ServiceKey, Timestamp};
use serde::{Deserialize, Serialize};

use super::{ContactMethodId, Invalid, check_text};

/// The key of the policy that catches what nobody else could be told; it cannot be deleted.
pub const CATCH_ALL: &str = "catch-all";
/// The key of the service and of the policy that the first start makes.
pub const DEFAULT: &str = "default";
/// The key of the schedule that the first start makes.
pub const PRIMARY: &str = "primary";

const MAX_LEVELS: usize = 20;
const MAX_TARGETS: usize = 20;
const MAX_DELAY_SECONDS: u32 = 86_400;
const MAX_REPEAT: u32 = 10;

/// Something that people are on call for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// Its key.
    pub key: ServiceKey,
    /// Its name for people.
    pub name: String,
    /// What it does, in a sentence or two.
    #[serde(default)]
    pub description: String,
    /// The escalation policy by which its incidents are paged.
    pub policy: PolicyKey,
    /// Where it runs; narrows the suspects of an incident to the changes made there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<ProjectKey>,
    /// The environment of that project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<EnvironmentKey>,
    /// Counts its edits; goes into `If-Match`.
    #[serde(skip)]
    pub version: Revision,
}

impl Service {
    /// Refuses what does not make sense in itself.
    pub fn check(&self) -> Result<(), Invalid> {
        check_text("/name", &self.name, 200)?;
        if self.environment.is_some() && self.project.is_none() {
            return Err(Invalid::new(
                "project-missing",
                "/project",
                "an environment belongs to a project, and no project is given",
                "name the project beside the environment",
            ));
        }
        Ok(())
    }
}

/// Who is on call when, for how long back as anybody may ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// Its key.
    pub key: ScheduleKey,
    /// Its name for people.
    pub name: String,
    /// Its layers, and what they were before; the past is never rewritten.
    pub versions: Vec<calendar::Version>,
    /// Counts its edits; goes into `If-Match`.
    #[serde(skip)]
    pub version: Revision,
}

impl Schedule {
    /// The layers that hold from the last edit on.
    pub fn layers(&self) -> &[calendar::Layer] {
        self.versions.last().map_or(&[], |version| &version.layers)
    }

    /// As the calendar reads it.
    pub fn calendar(&self, overrides: &[Override]) -> calendar::Schedule {
        let overrides = overrides.iter().filter(|exception| exception.schedule == self.key);
        calendar::Schedule {
            versions: self.versions.clone(),
            overrides: overrides.map(|exception| exception.rule.clone()).collect(),
        }
    }
}

/// Somebody takes a schedule, or somebody's duty in it, over for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The schedule.
    pub schedule: ScheduleKey,
    /// Who arranged it.
    pub created_by: Actor,
    /// As the calendar reads it.
    pub rule: calendar::Override,
}

/// Whom to page, in which order, after which delays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// Its key.
    pub key: PolicyKey,
    /// Its name for people.
    pub name: String,
    /// The levels, paged one after the other until somebody acknowledges.
    pub levels: Vec<Level>,
    /// How often the levels are walked again from the top before the catch-all is paged.
    #[serde(default)]
    pub repeat: u32,
    /// Counts its edits; goes into `If-Match`.
    #[serde(skip)]
    pub version: Revision,
}

/// One level of an escalation policy: everybody here is paged at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Level {
    /// Whom to page.
    pub targets: Vec<Target>,
    /// How long they have to acknowledge before the next level is paged.
    pub delay_seconds: u32,
}

/// Whom a level pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
#[schema(as = PolicyTarget)]
pub enum Target {
    /// This person.
    Person {
        /// Its id.
        #[schema(value_type = String)]
        person: PersonId,
    },
    /// Whoever is on call in this schedule at that moment.
    Schedule {
        /// Its key.
        #[schema(value_type = String)]
        schedule: ScheduleKey,
    },
    /// The people of the catch-all policy.
    CatchAll {},
}

impl Policy {
    /// Whether this is the one that cannot be deleted.
    pub fn is_catch_all(&self) -> bool {
        self.key.as_str() == CATCH_ALL
    }

    /// Refuses what does not make sense in itself; whether its targets exist is checked against the database.
    pub fn check(&self) -> Result<(), Invalid> {
        check_text("/name", &self.name, 200)?;
        if !(1..=MAX_LEVELS).contains(&self.levels.len()) {
            let detail = format!("a policy has 1 to {MAX_LEVELS} levels, not {}", self.levels.len());
            return Err(Invalid::new("invalid-levels", "/levels", detail, "give at least one level"));
        }
        if self.repeat > MAX_REPEAT {
            let detail = format!("the levels are repeated at most {MAX_REPEAT} times, not {}", self.repeat);
            return Err(Invalid::new(
                "invalid-repeat",
                "/repeat",
                detail,
                "the catch-all is paged after the last round",
            ));
        }
        self.levels.iter().enumerate().try_for_each(|(index, level)| check_level(index, level))?;
        if self.is_catch_all() { self.check_catch_all() } else { Ok(()) }
    }

    /// The last resort must not depend on a schedule that may be empty.
    fn check_catch_all(&self) -> Result<(), Invalid> {
        let mut targets = self.levels.iter().flat_map(|level| &level.targets).peekable();
        if targets.peek().is_none() || targets.any(|target| !matches!(target, Target::Person { .. })) {
            return Err(Invalid::new(
                "invalid-catch-all",
                "/levels",
                "the catch-all policy names at least one person, and only people",
                "use targets such as {\"kind\": \"person\", \"person\": \"per_…\"}",
            ));
        }
        Ok(())
    }
}

fn check_level(index: usize, level: &Level) -> Result<(), Invalid> {
    if level.targets.len() > MAX_TARGETS {
        let detail = format!("a level has at most {MAX_TARGETS} targets, not {}", level.targets.len());
        let field = format!("/levels/{index}/targets");
        return Err(Invalid::new("too-many-targets", field, detail, "a schedule can stand for many people"));
    }
    if !(1..=MAX_DELAY_SECONDS).contains(&level.delay_seconds) {
        let detail = format!("a delay is 1 to {MAX_DELAY_SECONDS} seconds, not {}", level.delay_seconds);
        let field = format!("/levels/{index}/delaySeconds");
        return Err(Invalid::new("invalid-delay", field, detail, "300 seconds are a good start"));
    }
    Ok(())
}

/// One way to reach a person; a person's methods are tried in the order of their positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactMethod {
    /// Its id.
    pub id: ContactMethodId,
    /// Whose it is.
    pub person: PersonId,
    /// Where.
    pub contact: Contact,
    /// Its place among the person's methods, from 0.
    pub position: i64,
    /// When it was added.
    pub created_at: Timestamp,
    /// When something was last handed over there with success.
    pub proven_at: Option<Timestamp>,
    /// Why the last attempt failed; absent when it succeeded.
    pub last_error: Option<String>,
}

/// Where a page goes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Contact {
    /// An e-mail address.
    Email {
        /// The address, such as `ada@example.com`.
        address: String,
    },
    /// A URL that takes Standard Webhooks.
    Webhook {
        /// Where to POST.
        url: String,
        /// `whsec_` and the base64 of the signing key.
        secret: String,
    },
}

impl Contact {
    /// In a few words for the timeline: `e-mail to ada@example.com`, `webhook to hooks.example.com`. No secret, no path.
    pub fn describe(&self) -> String {
        match self {
            Self::Email { address } => format!("e-mail to {address}"),
            Self::Webhook { url, .. } => {
                let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
                format!("webhook to {}", host.as_deref().unwrap_or("an unknown host"))
            }
        }
    }

    /// Refuses an address that cannot be one and a URL that is not http(s) or carries a password.
    pub fn check(&self) -> Result<(), Invalid> {
        match self {
            Self::Email { address } if access::Email::new(address).is_err() => Err(Invalid::new(
                "invalid-address",
                "/address",
                "this is not an e-mail address",
                "give one address such as ada@example.com",
            )),
            Self::Webhook { url, .. } if !is_webhook(url) => Err(Invalid::new(
                "invalid-url",
                "/url",
                "a webhook goes to an absolute http or https URL without user and password",
                "give a URL such as https://hooks.example.com/steadfast",
            )),
            Self::Email { .. } | Self::Webhook { .. } => Ok(()),
        }
    }
}

impl std::fmt::Debug for Contact {
    /// Keeps the secret out of logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.describe())
    }
}

fn is_webhook(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        text.len() <= 2_048
            && matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(key: &str, targets: Vec<Target>) -> Policy {
        Policy {
            key: PolicyKey::new(key).unwrap(),
            name: "Some".to_owned(),
            levels: vec![Level { targets, delay_seconds: 300 }],
            repeat: 0,
            version: Revision(1),
        }
    }

    #[test]
    fn the_catch_all_names_people_only() {
        let person = Target::Person { person: PersonId::from_stored("per_1") };
        assert_eq!(policy(CATCH_ALL, vec![person.clone()]).check(), Ok(()));
        for wrong in [vec![], vec![person, Target::CatchAll {}]] {
            assert_eq!(policy(CATCH_ALL, wrong.clone()).check().unwrap_err().code, "invalid-catch-all", "{wrong:?}");
            assert_eq!(policy("other", wrong).check(), Ok(()));
        }
    }

    #[test]
    fn a_policy_is_refused_with_the_place_of_what_is_wrong() {
        let mut wrong = policy("other", vec![]);
        wrong.levels[0].delay_seconds = 0;
        assert_eq!(wrong.check().unwrap_err().field, "/levels/0/delaySeconds");
        wrong.levels.clear();
        assert_eq!(wrong.check().unwrap_err().code, "invalid-levels");
    }

    #[test]
    fn addresses_and_urls_are_checked_where_they_come_in() {
        let email = |address: &str| Contact::Email { address: address.to_owned() }.check();
        assert_eq!(email("ada@example.com"), Ok(()));
        for wrong in ["ada", "@example.com", "ada@", "a b@c.d", "a@b\r\nBcc: x@y.z", "a@b>,c@d"] {
            assert!(email(wrong).is_err(), "{wrong}");
        }
        let webhook = |url: &str| Contact::Webhook { url: url.to_owned(), secret: String::new() }.check();
        assert_eq!(webhook("https://hooks.example.com/x?y=z"), Ok(()));
        for wrong in ["hooks.example.com", "ftp://h/x", "https://u:p@h/", "file:///etc/passwd", ""] {
            assert!(webhook(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn neither_path_nor_secret_of_a_webhook_shows_in_a_timeline() {
        let contact = Contact::Webhook { url: "https://h.example/T0KEN".to_owned(), secret: "whsec_x".to_owned() };
        assert_eq!(contact.describe(), "webhook to h.example");
        assert_eq!(format!("{contact:?}"), "webhook to h.example");
    }

    #[test]
    fn targets_are_told_by_their_kind() {
        let json =
            r#"[{"kind":"person","person":"per_1"},{"kind":"schedule","schedule":"primary"},{"kind":"catchAll"}]"#;
        let targets: Vec<Target> = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&targets).unwrap(), json);
        assert!(serde_json::from_str::<Target>(r#"{"kind":"person","person":"per_1","extra":1}"#).is_err());
    }
}
