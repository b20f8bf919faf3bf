//! `steadfast serve`: opens the database, composes the services, listens, and ends in good order.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use db::Db;
use delivery::Admission;
use runtime::Tasks;
use tokio::net::TcpListener;

use crate::app::{App, Links};
use crate::config::Serve;
use crate::listen::Capacity;
use crate::{listen, reconcilers, router};

/// The database's file in the data directory.
const FILE: &str = "steadfast.db";
/// What still runs this long after a signal is cut off.
const PATIENCE: Duration = Duration::from_secs(8);

/// Runs until SIGTERM or SIGINT.
pub fn run(config: Serve) -> Result<()> {
    log(&config.log)?;
    block_on(serve(config))
}

/// Runs a server to its end.
pub(crate) fn block_on(serving: impl Future<Output = Result<()>>) -> Result<()> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("another TLS provider was installed first"))?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serving)
}

async fn serve(config: Serve) -> Result<()> {
    let listener = bind(config.listen)?;
    let capacity = capacity()?;
    let links = Links::new(config.base_url.clone(), listener.local_addr()?);
    let db = open(&config).await?;
    let tasks = Tasks::new();
    let app = App::compose(db, &config, &links, &tasks).await?;
    let board = runtime::drive(&tasks, &app.db, &app.clock, reconcilers::list(&app));
    let admission = Admission::new(capacity.streams, tasks.drain());
    let (router, _) = router::router(&app, board, &admission, &tasks);
    announce(&app, &listener, &links).await?;
    until_signal(listener, router, (capacity.connections, admission), &tasks).await;
    Ok(())
}

/// Binds what was asked for, with words about what cannot be bound.
pub(crate) fn bind(wanted: Option<SocketAddr>) -> Result<TcpListener> {
    listen::bind(wanted).with_context(|| match wanted {
        Some(address) => format!("{address} cannot be listened on"),
        None => "no port can be listened on".to_owned(),
    })
}

/// How much may be served at once.
pub(crate) fn capacity() -> Result<Capacity> {
    Capacity::raised().context("the limit of open files cannot be read")
}

/// Serves until SIGTERM or SIGINT, and ends in good order: callers first, then what they were served by.
pub(crate) async fn until_signal(listener: TcpListener, router: Router, capacity: (usize, Admission), tasks: &Tasks) {
    tasks.spawn("signals", drain_on_signal(tasks.clone()));
    listen::serve(listener, router, capacity, tasks.clone()).await;
    tasks.shutdown(PATIENCE).await;
}

async fn open(config: &Serve) -> Result<Db> {
    let place = if let Some(url) = &config.database {
        db::Config::postgres(url)
    } else {
        make_directory(&config.data_dir)?;
        db::Config::sqlite(config.data_dir.join(FILE))
    };
    let shown = format!("{place:?}");
    let place = match &config.node {
        Some(name) => place.node(name),
        None => place,
    };
    let db = Db::open(place).await.with_context(|| format!("{shown} cannot be opened"))?;
    db::migrate(&db, &router::migrations()).await.with_context(|| format!("{shown} cannot be brought up to date"))?;
    Ok(db)
}

fn make_directory(directory: &Path) -> Result<()> {
    std::fs::create_dir_all(directory).with_context(|| format!("{} cannot be made", directory.display()))
}

/// What `serve` prints for people and for programs that start it: the address, the set-up link once, and `ready`.
#[allow(clippy::print_stdout)] // these lines are what the command says
async fn announce(app: &App, listener: &TcpListener, links: &Links) -> Result<()> {
    println!("Steadfast {} listens on http://{}", env!("CARGO_PKG_VERSION"), listener.local_addr()?);
    if let Some(link) = app.access.setup_link().await? {
        println!("Nobody is here yet. Set it up (the link works once): {link}");
    } else {
        println!("The console is at {}", links.base_url());
    }
    println!("ready");
    Ok(())
}

/// Lets callers go at the first SIGTERM or SIGINT.
async fn drain_on_signal(tasks: Tasks) {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).expect("a handler for SIGTERM can be installed");
    let drain = tasks.drain();
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
        () = drain.cancelled() => {}
    }
    tracing::info!("ending: streams end at a pace, and requests may finish");
    drain.cancel();
}

pub(crate) fn log(filter: &str) -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(filter).context("--log is not a filter")?;
    let coloured = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(coloured).init();
    Ok(())
}
