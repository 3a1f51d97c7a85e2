//! A development aid for whoever writes catalog entries or views: one night of a portfolio's folder, from its files to
//! `analysis.json` on standard output, without queues, ledger, documents or mail. Timings go to standard error.
//!
//! `cargo run --workspace --example evaluate -- FOLDER DATE [--night NIGHT_FOLDER] [--catalog FOLDER] [--previous FILE]`
//! A file of NIGHT_FOLDER (tables, inventory, handoffs) stands in for FOLDER's of the same name; `--catalog` takes the
//! built-in catalog from a folder instead of from this binary.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use anyhow::{Context, bail};
use collector::sources::{Delivery, collect, parts};
use shared::{
    catalog::CatalogFiles,
    clock::ManualClock,
    embedded::EmbeddedDynamo,
    facts::Analysis,
    id::{BusinessDate, Generation, RunId},
    ledger::DynamoLedger,
    objects::Objects,
    portfolio::{Bundle, Portfolio, pointer},
    queue::memory::MemoryQueue,
};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut plain = Vec::new();
    let mut flags = BTreeMap::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.strip_prefix("--") {
            Some(flag) => _ = flags.insert(flag.to_owned(), args.next().context("a flag needs a value")?),
            None => plain.push(arg),
        }
    }
    let [folder, date] = plain.as_slice() else {
        bail!("say FOLDER and DATE")
    };
    let (folder, date) = (Path::new(folder), date.parse::<BusinessDate>()?);
    let night = flags.get("night").map(PathBuf::from);
    let bundle = Bundle::read(folder)?;
    let portfolio = match Portfolio::parse(&bundle) {
        Ok(portfolio) => portfolio,
        Err(problems) => bail!(
            "{}",
            problems
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("\n")
        ),
    };
    let files = match flags.get("catalog") {
        Some(base) => CatalogFiles::layered(read_catalog(Path::new(base))?, &bundle),
        None => CatalogFiles::of(&bundle),
    };
    let previous = match flags.get("previous") {
        Some(path) => Some(serde_json::from_slice::<Analysis>(&std::fs::read(path)?)?),
        None => None,
    };
    let started = Instant::now();
    let dynamo = EmbeddedDynamo::memory()?;
    for source in &portfolio.sources.dynamodb {
        let name = |ending| format!("tables/{}.{ending}", source.table);
        let file = ["ndjson", "csv"]
            .iter()
            .find_map(|ending| found(folder, night.as_deref(), &name(ending)));
        if let Some(path) = file {
            match path.extension().is_some_and(|e| e == "csv") {
                true => dynamo.load_csv(&source.table, &path)?,
                false => dynamo.load_ndjson(&source.table, &path)?,
            };
        }
    }
    eprintln!("loaded     {:>6} ms", started.elapsed().as_millis());

    let started = Instant::now();
    let clock = Arc::new(ManualClock::at(jiff_midnight(date)));
    let objects = Objects::memory();
    let inputs = overlaid(folder, night.as_deref(), &pointer::inputs_prefix(&portfolio.id))?;
    let deps = collector::Deps {
        account: None,
        ledger: Arc::new(DynamoLedger::new(dynamo.client(), "ledger")),
        sender: Arc::new(MemoryQueue::new(clock.clone())),
        objects: objects.clone(),
        clock,
        tables: dynamo.client(),
        inputs: inputs.store(),
    };
    let run = RunId::new(portfolio.id.clone(), date);
    let mut manifests = Vec::new();
    for (part, source) in parts(&portfolio.sources) {
        let place = collector::snapshot::PartFolder::new(&objects, &run, Generation(0), &part);
        let delivery = Delivery {
            received: Delivery::PATIENCE,
        };
        let collected = collect(&deps, source, &portfolio, date.0, &place, delivery).await?;
        let (input, manifest) = place.put_manifest(collected.into_manifest(&part, source)).await?;
        manifests.push((manifest, input.sha256));
    }
    eprintln!("collected  {:>6} ms", started.elapsed().as_millis());

    let started = Instant::now();
    let scheduled_at = jiff_midnight(date);
    let snapshot = analyzer::night::Snapshot {
        run,
        generation: Generation(0),
        scheduled_at,
        manifests,
        late: BTreeSet::new(),
        previous,
    };
    let analysis = analyzer::night::analyze_with(&objects, &files, &portfolio, &snapshot).await?;
    eprintln!("analyzed   {:>6} ms", started.elapsed().as_millis());
    print!("{}", String::from_utf8(analyzer::night::to_json(&analysis)?)?);
    Ok(())
}

/// Noon UTC of the day after: after every zone's night.
fn jiff_midnight(date: BusinessDate) -> jiff::Timestamp {
    let next = date.0.tomorrow().unwrap_or(date.0);
    next.at(12, 0, 0, 0)
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_or(jiff::Timestamp::UNIX_EPOCH, |z| z.timestamp())
}

fn found(folder: &Path, night: Option<&Path>, name: &str) -> Option<PathBuf> {
    let paths = night.into_iter().chain([folder]).map(|f| f.join(name));
    paths.into_iter().find(|p| p.is_file())
}

/// The folder with a night's files over it, as a store in a temporary folder.
fn overlaid(folder: &Path, night: Option<&Path>, prefix: &str) -> anyhow::Result<Objects> {
    let root = std::env::temp_dir().join(format!("quarterdeck-evaluate-{}", std::process::id()));
    let temp = root.join(prefix);
    for base in [Some(folder), night].into_iter().flatten() {
        for part in ["handoffs", "inventory"] {
            let Ok(entries) = std::fs::read_dir(base.join(part)) else {
                continue;
            };
            std::fs::create_dir_all(temp.join(part))?;
            for entry in entries {
                let entry = entry?;
                std::fs::copy(entry.path(), temp.join(part).join(entry.file_name()))?;
            }
        }
    }
    Ok(Objects::local(&root)?)
}

fn read_catalog(folder: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let mut open = vec![(folder.to_owned(), "catalog".to_owned())];
    while let Some((folder, path)) = open.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))? {
            let entry = entry?;
            let below = format!("{path}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                open.push((entry.path(), below));
            } else if let Ok(text) = std::fs::read_to_string(entry.path()) {
                files.insert(below, text);
            }
        }
    }
    Ok(files)
}
