//! Which SDKs each environment has: who they are, in one row for all nodes; and what each node has of them now.

use db::{Db, ReadError, Row, Sql, Statement, params, sql};
use delivery::sdks::{Family, Instances, SdkReport, SdkWords, Transports};
use delivery::{KeyKind, Place};
use kernel::Timestamp;
use sha2::{Digest, Sha256};

use crate::sdk::{Presence, SdkHistory};

const NOTE: Sql = sql!(
    "INSERT INTO sdk (project, environment, sdk, key_kind, family, name, version, wrapper, application,
                      application_version, platform, transports, first_seen, last_seen)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
     ON CONFLICT (project, environment, sdk) DO UPDATE SET
        platform = CASE WHEN excluded.platform = '' THEN sdk.platform ELSE excluded.platform END,
        transports = sdk.transports | excluded.transports,
        first_seen = CASE WHEN excluded.first_seen < sdk.first_seen THEN excluded.first_seen ELSE sdk.first_seen END,
        last_seen = CASE WHEN excluded.last_seen > sdk.last_seen THEN excluded.last_seen ELSE sdk.last_seen END"
);
const PRESENT: Sql = sql!(
    "INSERT INTO sdk_presence (project, environment, sdk, node, streams, instance_count, instances)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT (project, environment, sdk, node) DO UPDATE SET
        streams = excluded.streams, instance_count = excluded.instance_count, instances = excluded.instances"
);
const ABSENT: Sql = sql!("DELETE FROM sdk_presence WHERE project = ?1 AND environment = ?2 AND sdk = ?3 AND node = ?4");
const BEAT: Sql =
    sql!("INSERT INTO sdk_node (node, at) VALUES (?1, ?2) ON CONFLICT (node) DO UPDATE SET at = excluded.at");
const LEAVE: Sql = sql!("DELETE FROM sdk_presence WHERE node = ?1");
const LEFT: Sql = sql!("DELETE FROM sdk_node WHERE node = ?1");
const SDKS: Sql = sql!(
    "SELECT sdk, key_kind, family, name, version, wrapper, application, application_version, platform, transports,
            first_seen, last_seen FROM sdk
     WHERE project = ?1 AND environment = ?2 ORDER BY last_seen DESC, sdk LIMIT 1000"
);
const PRESENCES: Sql = sql!(
    "SELECT p.sdk AS sdk, p.node AS node, p.streams AS streams, p.instance_count AS instance_count,
            p.instances AS instances FROM sdk_presence p JOIN sdk_node n ON n.node = p.node
     WHERE p.project = ?1 AND p.environment = ?2 AND n.at >= ?3 ORDER BY p.sdk, p.node LIMIT 20000"
);
const FORGET: Sql = sql!("DELETE FROM sdk WHERE last_seen < ?1");
const FORGET_PRESENCES: Sql = sql!("DELETE FROM sdk_presence WHERE node IN (SELECT node FROM sdk_node WHERE at < ?1)");
const FORGET_NODES: Sql = sql!("DELETE FROM sdk_node WHERE at < ?1");
pub(crate) const ALL: &[Sql] =
    &[NOTE, PRESENT, ABSENT, BEAT, LEAVE, LEFT, SDKS, PRESENCES, FORGET, FORGET_PRESENCES, FORGET_NODES];

/// What this node has of an SDK now.
pub fn note(report: &SdkReport, node: &str) -> [Statement; 2] {
    let SdkReport { place, sdk, platform, transports, streams, instances, first_seen, last_seen } = report;
    let id = id(sdk);
    let who = params![
        &place.project,
        &place.environment,
        id.clone(),
        sdk.key.as_str(),
        sdk.family.as_str(),
        &*sdk.name,
        &*sdk.version,
        &*sdk.wrapper,
        &*sdk.application,
        &*sdk.application_version,
        &**platform,
        i64::from(transports.bits()),
        *first_seen,
        *last_seen
    ];
    let listed = match instances {
        Instances::Listed(hashes) => hashes.iter().map(|hash| format!("{hash:x}")).collect::<Vec<_>>().join(","),
        Instances::Counted(_) => String::new(),
    };
    let count = i64::from(instances.count());
    let now = params![&place.project, &place.environment, id, node, i64::from(*streams), count, listed];
    [NOTE.bind(who), PRESENT.bind(now)]
}

/// This node has nothing more of an SDK.
pub fn absent(place: &Place, sdk: &SdkWords, node: &str) -> Statement {
    ABSENT.bind(params![&place.project, &place.environment, id(sdk), node])
}

/// This node is alive.
pub fn beat(node: &str, now: Timestamp) -> Statement {
    BEAT.bind(params![node, now])
}

/// This node has nothing at all, and goes.
pub fn leave(node: &str) -> [Statement; 2] {
    [LEAVE.bind(params![node]), LEFT.bind(params![node])]
}

/// Stands for the words of an SDK: no two have the same.
fn id(sdk: &SdkWords) -> String {
    let SdkWords { key, family, name, version, wrapper, application, application_version } = sdk;
    let words = [key.as_str(), family.as_str(), name, version, wrapper, application, application_version];
    let hash = Sha256::digest(words.join("\u{1f}"));
    hash.iter().take(16).fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// The SDKs of an environment by their row's id, the last seen first; at most 1,000.
pub async fn sdks(db: &Db, place: &Place) -> Result<Vec<(String, SdkHistory)>, ReadError> {
    let rows = db.many(SDKS.bind(params![&place.project, &place.environment])).await?;
    rows.iter().map(|row| Ok((row.text("sdk")?, history(row)?))).collect()
}

fn history(row: &Row) -> Result<SdkHistory, ReadError> {
    let word = |column| row.text(column).map(String::into_boxed_str);
    let key = KeyKind::from_stored(&row.text("key_kind")?);
    let family = Family::from_stored(&row.text("family")?);
    let sdk = SdkWords {
        key: key.ok_or_else(|| row.inconsistent("key_kind", "is no kind of key"))?,
        family: family.ok_or_else(|| row.inconsistent("family", "is no family"))?,
        name: word("name")?,
        version: word("version")?,
        wrapper: word("wrapper")?,
        application: word("application")?,
        application_version: word("application_version")?,
    };
    let transports =
        u8::try_from(row.int("transports")?).map_err(|_| row.inconsistent("transports", "is too large"))?;
    Ok(SdkHistory {
        sdk,
        platform: row.text("platform")?,
        transports: Transports::from_bits(transports),
        first_seen: row.timestamp("first_seen")?,
        last_seen: row.timestamp("last_seen")?,
    })
}

/// What the nodes that have said so since `alive_since` have of the SDKs of an environment.
pub async fn presences(db: &Db, place: &Place, alive_since: Timestamp) -> Result<Vec<Presence>, ReadError> {
    let rows = db.many(PRESENCES.bind(params![&place.project, &place.environment, alive_since])).await?;
    let number = |row: &Row, column| {
        u32::try_from(row.int(column)?).map_err(|_| row.inconsistent(column, "is no number of things"))
    };
    let presence = |row: &Row| {
        let listed = row.text("instances")?;
        let hashes = listed.split(',').filter(|hash| !hash.is_empty()).map(|hash| u64::from_str_radix(hash, 16));
        let hashes: Vec<u64> =
            hashes.collect::<Result<_, _>>().map_err(|_| row.inconsistent("instances", "are no hashes"))?;
        let count = number(row, "instance_count")?;
        let instances =
            if hashes.is_empty() && count > 0 { Instances::Counted(count) } else { Instances::Listed(hashes) };
        Ok(Presence { sdk: row.text("sdk")?, node: row.text("node")?, streams: number(row, "streams")?, instances })
    };
    rows.iter().map(presence).collect()
}

/// Forgets SDKs not seen since `sdks`, and nodes that have said nothing since `nodes`.
pub fn forget(sdks: Timestamp, nodes: Timestamp) -> [Statement; 3] {
    [FORGET.bind(params![sdks]), FORGET_PRESENCES.bind(params![nodes]), FORGET_NODES.bind(params![nodes])]
}
