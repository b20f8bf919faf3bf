//! A fresh Steadfast with a clock that is moved by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use access::password::{NewPassword, Password};
use access::service::LoggedIn;
use access::{Access, Caller, Credential, Email, MIGRATIONS, Name, Role};
use db::Db;
use kernel::{Clock, PageRequest, SystemRng, Timestamp};

pub(crate) const PASSWORD: &str = "correct horse battery";
pub(crate) const DAY: Duration = Duration::from_hours(24);
pub(crate) const FIRST_PAGE: PageRequest = PageRequest { after: None, limit: 50 };

/// The clock of a test, in microseconds.
pub(crate) struct ManualClock(AtomicI64);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

impl ManualClock {
    pub(crate) fn advance(&self, duration: Duration) {
        self.0.fetch_add(i64::try_from(duration.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

/// Access on a migrated database.
pub(crate) struct World {
    pub(crate) access: Access,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) db: Db,
}

impl World {
    pub(crate) async fn new(db: Db) -> Self {
        db::migrate(&db, &[MIGRATIONS]).await.unwrap();
        let clock = Arc::new(ManualClock(AtomicI64::new(1_800_000_000_000_000)));
        let access = Access::new(db.clone(), clock.clone(), Arc::new(SystemRng), "http://steadfast.test/");
        Self { access, clock, db }
    }

    /// The secret in the set-up link.
    pub(crate) async fn setup_secret(&self) -> String {
        secret_of(&self.access.setup_link().await.unwrap().unwrap())
    }

    /// Ada, the first admin, logged in.
    pub(crate) async fn ada(&self) -> Visitor {
        let secret = self.setup_secret().await;
        let ada = self.access.set_up(&secret, email("ada"), name("Ada"), password(PASSWORD)).await.unwrap();
        self.visit(ada).await
    }

    /// Somebody whom Ada invited and who came in.
    pub(crate) async fn guest(&self, host: &Visitor, who: &str, role: Role) -> Visitor {
        let invited = self.access.invite(&host.caller, email(who), name(who), role).await.unwrap();
        let guest = self.access.accept(&secret_of(&invited.link), password(PASSWORD)).await.unwrap();
        self.visit(guest).await
    }

    pub(crate) async fn visit(&self, logged_in: LoggedIn) -> Visitor {
        let secret = logged_in.session.reveal().to_owned();
        let (caller, credential) = self.access.by_session(&secret).await.unwrap().unwrap();
        Visitor { caller, credential, secret }
    }

    pub(crate) async fn log_in(&self, who: &str, secret: &str) -> Result<LoggedIn, access::Error> {
        self.access.log_in(&email(who), Password::new(secret)).await
    }
}

/// Somebody with a session.
pub(crate) struct Visitor {
    pub(crate) caller: Caller,
    pub(crate) credential: Credential,
    pub(crate) secret: String,
}

pub(crate) fn email(who: &str) -> Email {
    Email::new(&format!("{who}@example.com")).unwrap()
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn password(text: &str) -> NewPassword {
    NewPassword::new(text).unwrap()
}

pub(crate) fn secret_of(link: &str) -> String {
    link.split_once("?token=").unwrap().1.to_owned()
}
