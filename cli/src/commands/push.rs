//! `quarterdeck push`: a portfolio's folder becomes what the next night starts with.
//!
//! Data first, then the pointer: whoever starts a night while this runs gets the old configuration or the new one, never a
//! part of either. Inputs are read when they are collected, so they are the newest there are.

use std::path::Path;

use anyhow::Context;
use bytes::Bytes;
use serde::Serialize;
use shared::{
    cloud::https,
    id::BusinessDate,
    message::Input,
    objects::Objects,
    portfolio::{Bundle, Portfolio, pointer},
    problem::Severity,
};

use super::check::problems_of;
use crate::{
    args::PushArgs,
    exit::{ConfigErrors, Exit},
    local::inputs,
    output,
};

/// What was changed.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pushed {
    /// Whose.
    pub portfolio: String,
    /// The bundle that the pointer names now.
    pub bundle: String,
    /// Whether the pointer was moved; not if it named this bundle already.
    pub pointer_moved: bool,
    /// Files of the configuration that are new or differ from those of the bundle before.
    pub configuration_changed: Vec<String>,
    /// Files of it that are gone.
    pub configuration_removed: Vec<String>,
    /// Keys of inputs that are new or differ.
    pub inputs_written: Vec<String>,
    /// Keys of inputs that are gone from the folder.
    pub inputs_removed: Vec<String>,
    /// How many inputs are as they were.
    pub inputs_unchanged: usize,
}

/// Checks the folder, uploads it and says what changed.
///
/// # Errors
/// [`ConfigErrors`] for a folder with errors, and then nothing is uploaded; otherwise what cannot be read or written.
pub async fn push(args: &PushArgs, json: bool) -> anyhow::Result<Exit> {
    let objects = Objects::s3(&args.bucket, https::connector()).context("failed to open the bucket")?;
    let pushed = push_to(&objects, &args.portfolio, args.date).await?;
    if json {
        output::json(&pushed)?;
    } else {
        print(&pushed, &args.bucket)?;
    }
    Ok(Exit::Ok)
}

/// [`push`], to any store.
///
/// # Errors
/// As [`push`].
pub async fn push_to(objects: &Objects, folder: &Path, date: Option<BusinessDate>) -> anyhow::Result<Pushed> {
    let bundle =
        Bundle::read(folder).with_context(|| format!("{} is no portfolio's folder", folder.display()))?;
    let problems = problems_of(&bundle).await;
    let refuse = |problems| ConfigErrors {
        problems,
        bundle: bundle.clone(),
    };
    if problems.iter().any(|p| p.severity == Severity::Error) {
        return Err(refuse(problems).into());
    }
    let portfolio = Portfolio::parse(&bundle).map_err(refuse)?;
    let id = &portfolio.id;
    let mut pushed = Pushed {
        portfolio: id.to_string(),
        ..Pushed::default()
    };
    let before = pointer::read(objects, id)
        .await
        .context("failed to read which configuration is current")?;
    compare(objects, before.as_ref(), &bundle, &mut pushed).await;
    let stored = bundle
        .store(objects, id)
        .await
        .context("failed to store the configuration")?;
    upload_inputs(objects, folder, date, &portfolio, &mut pushed).await?;
    pushed.pointer_moved = before.as_ref() != Some(&stored);
    if pushed.pointer_moved {
        pointer::write(objects, id, &stored)
            .await
            .context("failed to point to the configuration; the one before stands")?;
    }
    pushed.bundle = stored.key;
    Ok(pushed)
}

/// Which files of the configuration are others than before. A bundle that cannot be read any more has none.
async fn compare(objects: &Objects, before: Option<&Input>, bundle: &Bundle, pushed: &mut Pushed) {
    let before = match before {
        Some(reference) => Bundle::load(objects, reference).await.unwrap_or_default(),
        None => Bundle::default(),
    };
    let changed = bundle
        .0
        .iter()
        .filter(|(path, text)| before.get(path) != Some(text));
    pushed.configuration_changed = changed.map(|(path, _)| path.clone()).collect();
    let gone = before.0.keys().filter(|path| !bundle.0.contains_key(*path));
    pushed.configuration_removed = gone.cloned().collect();
}

async fn upload_inputs(
    objects: &Objects,
    folder: &Path,
    date: Option<BusinessDate>,
    portfolio: &Portfolio,
    pushed: &mut Pushed,
) -> anyhow::Result<()> {
    let prefix = pointer::inputs_prefix(&portfolio.id);
    let there = objects.list(&prefix).await.context("failed to list the inputs")?;
    let mut wanted = Vec::new();
    for (name, path) in inputs::files(folder, date, portfolio)? {
        let bytes = std::fs::read(&path).with_context(|| format!("failed to read {}", path.display()))?;
        let key = format!("{prefix}/{name}");
        anyhow::ensure!(
            object_store::path::Path::from(key.as_str()).as_ref() == key,
            "{} cannot be uploaded under its name: rename it without any of ~ % # ? * | < > [ ] {{ }} ^ ` \" \\",
            path.display()
        );
        // The bytes themselves: a size and a date do not tell whether somebody changed a figure.
        let same = there.contains(&key) && objects.get(&key).await? == bytes;
        if same {
            pushed.inputs_unchanged += 1;
        } else {
            objects
                .replace(&key, Bytes::from(bytes))
                .await
                .context("failed to upload an input")?;
            pushed.inputs_written.push(key.clone());
        }
        wanted.push(key);
    }
    for key in there {
        if !wanted.contains(&key) {
            objects.delete(&key).await.context("failed to remove an input")?;
            pushed.inputs_removed.push(key);
        }
    }
    Ok(())
}

fn print(pushed: &Pushed, bucket: &str) -> anyhow::Result<()> {
    let lists = [
        ("changed", &pushed.configuration_changed),
        ("removed", &pushed.configuration_removed),
        ("written", &pushed.inputs_written),
        ("removed", &pushed.inputs_removed),
    ];
    for (what, paths) in lists {
        for path in paths {
            output::say(format!("{what}  {path}"))?;
        }
    }
    let moved = if pushed.pointer_moved {
        "the next night starts with"
    } else {
        "the next night starts, as before, with"
    };
    output::say(format!(
        "{} in {bucket}: {moved} {}",
        pushed.portfolio, pushed.bundle
    ))
}

#[cfg(test)]
mod tests;
