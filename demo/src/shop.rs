//! A small shop that asks LaunchDarkly's unmodified Rust SDK before each checkout: the traffic of the demo and of the judge's bench.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Result, ensure};
use kernel::{Clock, SystemClock, Timestamp};
use launchdarkly_sdk_transport::HyperTransport;
use launchdarkly_server_sdk::{
    Client, ConfigBuilder, Context, ContextBuilder, EventProcessorBuilder, FlagDetailConfig, ServiceEndpointsBuilder,
    StreamingDataSourceBuilder,
};
use testkit::SeededRng;

/// The event that a failed payment sends; the guards' metric counts it.
pub const FAILURE: &str = "payment-failed";
/// How many people visit: large enough that most requests are of different people, small enough that people come back.
const VISITORS: f64 = 20_000.0;
/// So many of them are employees.
const EMPLOYEES: f64 = 200.0;
/// How often a probe looks whether the SDK still serves the treatment.
const PROBE: Duration = Duration::from_millis(5);

/// What the shop is like.
#[derive(Clone, Debug)]
pub struct Habits {
    /// The flag that it asks before each checkout.
    pub flag: String,
    /// Requests a second.
    pub rate: f64,
    /// The chance that a payment fails as things were.
    pub fails_before: f64,
    /// The chance that a payment fails behind the flag.
    pub fails_behind: f64,
    /// How long the SDK gathers events before it sends them.
    pub flush: Duration,
    /// Which people come, in which order.
    pub seed: u64,
}

/// What happened so far, as the shop itself saw it.
#[derive(Debug, Default)]
pub struct Tally {
    /// Requests, of which each evaluates the flag once.
    pub requests: AtomicU64,
    /// Requests that were served what is behind the flag.
    pub treated: AtomicU64,
    /// Payments that failed behind the flag.
    pub failed_behind: AtomicU64,
    /// Payments that failed as they do anyway.
    pub failed_before: AtomicU64,
    first_failure: Mutex<Option<Timestamp>>,
    probe: Mutex<Option<Context>>,
    off: Mutex<Option<Timestamp>>,
}

impl Tally {
    /// When the first payment failed behind the flag.
    pub fn first_failure(&self) -> Option<Timestamp> {
        *lock(&self.first_failure)
    }

    /// When the SDK first answered with the old way to somebody who had been served the new one.
    pub fn flag_off(&self) -> Option<Timestamp> {
        *lock(&self.off)
    }
}

/// A running shop; it closes when it is dropped.
pub struct Shop {
    client: Arc<Client>,
    tally: Arc<Tally>,
    open: Arc<AtomicBool>,
}

impl Shop {
    /// Connects the SDK and opens the doors.
    pub async fn open(url: &str, sdk_key: &str, habits: Habits) -> Result<Self> {
        let client = Arc::new(connect(url, sdk_key, habits.flush)?);
        client.start_with_default_executor();
        let ready = client.wait_for_initialization(Duration::from_secs(10)).await;
        ensure!(ready == Some(true), "the SDK did not initialise");
        let shop = Self { client, tally: Arc::default(), open: Arc::new(AtomicBool::new(true)) };
        let (client, tally, open) = (shop.client.clone(), shop.tally.clone(), shop.open.clone());
        let flag = habits.flag.clone();
        // Threads of their own: a shop whose traffic waits for the demo's progress display would not be a fair witness.
        std::thread::spawn(move || serve(&client, &tally, &open, &habits));
        let (client, tally, open) = (shop.client.clone(), shop.tally.clone(), shop.open.clone());
        std::thread::spawn(move || watch(&client, &tally, &open, &flag));
        Ok(shop)
    }

    /// What happened so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.open.store(false, Ordering::SeqCst);
        self.client.close();
    }
}

fn connect(url: &str, sdk_key: &str, flush: Duration) -> Result<Client> {
    let transport = HyperTransport::new()?;
    let mut events = EventProcessorBuilder::new();
    events.flush_interval(flush).transport(transport.clone());
    let mut stream = StreamingDataSourceBuilder::new();
    stream.transport(transport);
    let config = ConfigBuilder::new(sdk_key)
        .service_endpoints(ServiceEndpointsBuilder::new().relay_proxy(url))
        .data_source(&stream)
        .event_processor(&events)
        .build()?;
    Ok(Client::build(config)?)
}

/// Requests at random instants (a Poisson process), each by a person chosen at random.
fn serve(client: &Client, tally: &Tally, open: &AtomicBool, habits: &Habits) {
    let rng = SeededRng::new(habits.seed);
    while open.load(Ordering::Relaxed) {
        let gap = -(1.0 - rng.fraction()).ln() / habits.rate;
        std::thread::sleep(Duration::from_secs_f64(gap));
        let number = (rng.fraction() * VISITORS).floor();
        let is_employee = number < EMPLOYEES;
        let who = if is_employee { "employee" } else { "visitor" };
        let person = ContextBuilder::new(format!("{who}-{number}")).build().expect("the key is not empty");
        // Employees pay with test cards, which never fail: why the internal step alone proves little.
        let luck = if is_employee { 1.0 } else { rng.fraction() };
        check_out(client, tally, habits, person, luck);
    }
}

fn check_out(client: &Client, tally: &Tally, habits: &Habits, person: Context, luck: f64) {
    let behind = client.bool_variation(&person, &habits.flag, false);
    tally.requests.fetch_add(1, Ordering::Relaxed);
    if behind {
        tally.treated.fetch_add(1, Ordering::Relaxed);
        lock(&tally.probe).get_or_insert_with(|| person.clone());
    }
    let fails = luck < if behind { habits.fails_behind } else { habits.fails_before };
    if fails {
        let failed = if behind { &tally.failed_behind } else { &tally.failed_before };
        failed.fetch_add(1, Ordering::Relaxed);
        if behind {
            lock(&tally.first_failure).get_or_insert_with(|| SystemClock.now());
        }
        client.track_event(person, FAILURE);
    }
}

/// Watches one person who was served the treatment, until the SDK takes it from them.
///
/// It asks for the state of all flags, which leaves no events behind.
fn watch(client: &Client, tally: &Tally, open: &AtomicBool, flag: &str) {
    while open.load(Ordering::Relaxed) && tally.flag_off().is_none() {
        std::thread::sleep(PROBE);
        let probe = lock(&tally.probe).clone();
        if probe.is_some_and(|person| !serves(client, &person, flag)) {
            *lock(&tally.off) = Some(SystemClock.now());
        }
    }
}

fn serves(client: &Client, person: &Context, flag: &str) -> bool {
    let state = client.all_flags_detail(person, FlagDetailConfig::new());
    serde_json::to_value(state).is_ok_and(|values| values[flag] == true)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
