//! `steadfast edge`: reads which environments to follow, listens, serves SDKs, and ends in good order.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use delivery::Admission;
use edge::config::{self, File, Wish};
use kernel::{SystemClock, SystemRng};
use runtime::Tasks;

use crate::config::Edge;
use crate::{router, serve};

/// Runs until SIGTERM or SIGINT.
pub fn run(config: Edge) -> Result<()> {
    serve::log(&config.log)?;
    serve::block_on(follow(config))
}

async fn follow(config: Edge) -> Result<()> {
    let listener = serve::bind(config.listen)?;
    let capacity = serve::capacity()?;
    let tasks = Tasks::new();
    let wanted = edge::Config {
        sources: config::sources(wishes(&config)?)?,
        data_dir: config.data_dir,
        spool_bytes: config.spool_mib << 20,
    };
    let edge = edge::open(wanted, Arc::new(SystemClock), Arc::new(SystemRng), &tasks)?;
    let admission = Admission::new(capacity.streams, tasks.drain());
    let router = router::edge_router(&edge, &admission);
    announce(&listener)?;
    // What writes ends when nobody can bring anything any more; the lock on the folder is held for longer.
    let edge::Edge { intake, lock, .. } = edge;
    drop(intake);
    serve::until_signal(listener, router, (capacity.connections, admission), &tasks).await;
    drop(lock);
    Ok(())
}

/// The environments that the options or the file name, with their key files read.
fn wishes(config: &Edge) -> Result<Vec<Wish>> {
    let mut wishes = match &config.config {
        Some(path) => {
            let file = File::from_toml(&read(path)?).with_context(|| path.display().to_string())?;
            let upstream = file.upstream.or_else(|| config.upstream.clone());
            let events_url = file.events_url.or_else(|| config.events_url.clone());
            File { upstream, events_url, ..file }.wishes()
        }
        None if config.sdk_key.is_none() && config.sdk_key_file.is_none() => Vec::new(),
        None => vec![Wish {
            name: None,
            upstream: config.upstream.clone(),
            events_url: config.events_url.clone(),
            sdk_key: config.sdk_key.clone(),
            sdk_key_file: config.sdk_key_file.clone(),
            mobile_key: config.mobile_key.clone(),
            client_side_id: config.client_side_id.clone(),
            secure_mode: config.secure_mode,
        }],
    };
    for wish in &mut wishes {
        if let Some(path) = wish.sdk_key_file.take() {
            wish.sdk_key = Some(read(&path)?.trim().to_owned());
        }
    }
    Ok(wishes)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// What `edge` prints for people and for programs that start it: the address, and `ready`.
#[allow(clippy::print_stdout)] // these lines are what the command says
fn announce(listener: &tokio::net::TcpListener) -> Result<()> {
    println!("Steadfast {} edge listens on http://{}", env!("CARGO_PKG_VERSION"), listener.local_addr()?);
    println!("ready");
    Ok(())
}
