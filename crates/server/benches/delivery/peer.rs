//! Unleash's edge, started offline with the one flag that is asked for.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};
use serde_json::json;
use tempfile::NamedTempFile;

use crate::process::Process;
use crate::remote::Asked;

const TOKEN: &str = "*:production.bench";

/// The running program; ends when dropped.
pub(crate) struct UnleashEdge {
    child: Child,
    address: SocketAddr,
    /// Read at the start.
    _features: NamedTempFile,
}

impl UnleashEdge {
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let features = NamedTempFile::new()?;
        let constraint = json!({"contextName": "plan", "operator": "IN", "values": ["gold"]});
        let strategy = json!({"name": "default", "parameters": {}, "constraints": [constraint]});
        let feature = json!({"name": "remote", "type": "release", "enabled": true, "project": "default", "strategies": [strategy]});
        serde_json::to_writer(&features, &json!({"version": 2, "features": [feature]}))?;
        // Free now, and very likely still when it binds it.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = Command::new(program)
            .args(["--interface", "127.0.0.1", "--port", &address.port().to_string(), "offline"])
            .arg("--bootstrap-file")
            .arg(features.path())
            // Without a backend's token it does not start.
            .args(["--client-tokens", "*:production.backend", "--frontend-tokens", TOKEN])
            .env("RUST_LOG", "error")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{} does not start", program.display()))?;
        Ok(Self { child, address, _features: features })
    }

    pub(crate) fn asked(&self) -> Asked {
        let request = format!(
            "GET /api/frontend/features/remote?userId=ada&properties%5Bplan%5D=gold HTTP/1.1\r\nhost: edge\r\nauthorization: {TOKEN}\r\n\r\n"
        );
        let (process, address) = (Process(self.child.id()), self.address);
        Asked { name: "unleash-edge (frontend API)", process, address, request, expected: "\"enabled\":true" }
    }
}

impl Drop for UnleashEdge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
