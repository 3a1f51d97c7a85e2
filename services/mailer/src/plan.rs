//! `Task::Mail`: a rendered document becomes one archived mail and one ledger row per recipient, and a message for each.
//!
//! Data first, then the pointer, then the message: the mail is written once under the delivery's name, then the row is
//! written if there is none, then the queue is told. Dying between any two of them costs a redelivery and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, ensure};
use secrecy::ExposeSecret;
use shared::{
    id::DocumentId,
    ledger::{DeliveryKey, DeliveryRow, HeldFor, Outcome, RunRow},
    mail::{Mailbox, Rid, reply},
    manifest::DocumentManifest,
    message::{Envelope, Input, Task},
    objects::{Objects, run_prefix},
    portfolio::Portfolio,
    queue::Stage,
};

use crate::{
    Deps,
    deliver::set_aside,
    finish,
    mime::{Content, HeaderText, Letter, Picture},
    suppression,
};

/// Plans the deliveries of one document and sends for them, or holds them where the document must not leave.
///
/// # Errors
/// Anything that a later try may find mended; the message then comes back.
pub async fn plan(deps: &Deps, envelope: &Envelope, document: &DocumentId) -> anyhow::Result<()> {
    let run = deps
        .ledger
        .run(&envelope.run)
        .await
        .context("failed to read the run")?;
    let run = run.with_context(|| format!("run {} was never planned", envelope.run))?;
    if is_stale(envelope, &run) {
        tracing::info!(run_generation = %run.plan.generation, "message of an earlier generation or mail epoch dropped");
        return Ok(());
    }
    let input = envelope
        .input
        .as_ref()
        .context("the message names no document manifest")?;
    let manifest = read_manifest(&deps.objects, input).await?;
    ensure!(
        manifest.document == *document,
        "manifest {} is of document {}",
        input.key,
        manifest.document
    );
    let (_, portfolio) = Portfolio::load(&deps.objects, &envelope.portfolio).await?;

    let keys = write(deps, envelope, &run, &portfolio, &manifest).await?;
    match &manifest.hold {
        Some(reason) => {
            let outcome = Outcome::Held {
                cause: HeldFor::Document,
                reason: reason.clone(),
            };
            // One that an operator has let go all the same goes.
            let (released, held) = released(deps, envelope, &keys).await?;
            for key in &held {
                set_aside(deps, key, &outcome).await?;
            }
            send(deps, envelope, &released).await?;
            tracing::warn!(deliveries = keys.len(), %reason, "document held");
        }
        None => send(deps, envelope, &keys).await?,
    }
    finish::finish_if_settled(deps, envelope).await
}

/// The run went on to recompute, or got a new permission to mail: whoever did that sends its own messages.
fn is_stale(envelope: &Envelope, run: &RunRow) -> bool {
    envelope.generation < run.plan.generation || envelope.mail_epoch < run.plan.mail_epoch
}

async fn read_manifest(objects: &Objects, input: &Input) -> anyhow::Result<DocumentManifest> {
    let bytes = objects
        .get_checked(input)
        .await
        .context("failed to read the document's manifest")?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is no document manifest", input.key))
}

async fn read_content(objects: &Objects, manifest: &DocumentManifest) -> anyhow::Result<Content> {
    let read = async |input: &Input| {
        objects
            .get_checked(input)
            .await
            .context("failed to read the document")
    };
    let text = |bytes: bytes::Bytes, input: &Input| {
        String::from_utf8(bytes.into()).with_context(|| format!("{} is not UTF-8", input.key))
    };
    let mut pictures = Vec::with_capacity(manifest.images.len());
    for image in &manifest.images {
        pictures.push(Picture {
            cid: image.cid.clone(),
            png: read(&image.input).await?.into(),
        });
    }
    Ok(Content {
        subject: HeaderText::parse(&manifest.subject).context("the document's subject cannot be sent")?,
        html: text(read(&manifest.html).await?, &manifest.html)?,
        text: text(read(&manifest.text).await?, &manifest.text)?,
        pdf: read(&manifest.pdf).await?.into(),
        pictures,
    })
}

/// Who gets the document: its recipients and the archive, by rid.
fn recipients(
    deps: &Deps,
    portfolio: &Portfolio,
    document: &DocumentId,
) -> anyhow::Result<BTreeMap<Rid, Mailbox>> {
    let settings = portfolio
        .documents
        .iter()
        .find(|settings| settings.id == *document);
    let settings = settings.with_context(|| format!("document {document} is not in portfolio.toml"))?;
    let key = deps.rid_key.expose_secret().as_bytes();
    let named = settings
        .recipients
        .iter()
        .map(|mailbox| (Rid::of(key, mailbox), mailbox.clone()));
    let archive = (Rid::archive(), portfolio.mail.archive.clone());
    Ok(named.chain([archive]).collect())
}

/// Writes all mails and all rows of the document, before any of them is sent: so a run whose rows are all settled has
/// no document that is planned by halves. What is settled is left as it is: a document that is rendered again is mailed to
/// those only who have not had it.
async fn write(
    deps: &Deps,
    envelope: &Envelope,
    run: &RunRow,
    portfolio: &Portfolio,
    manifest: &DocumentManifest,
) -> anyhow::Result<Vec<DeliveryKey>> {
    let content = read_content(&deps.objects, manifest).await?;
    let recipients = recipients(deps, portfolio, &manifest.document)?;
    let rows = deps.ledger.deliveries(&envelope.run).await;
    let rows = rows.context("failed to list the deliveries")?;
    check_rids(envelope, &rows, &recipients, &manifest.document)?;
    let ended = |row: &&DeliveryRow| row.state.is_settled() && !row.was_never_begun();
    let settled: BTreeSet<&DeliveryKey> = rows.iter().filter(ended).map(|row| &row.key).collect();
    let mut keys = Vec::new();
    for (rid, to) in recipients {
        let (document, mail_epoch) = (manifest.document.clone(), envelope.mail_epoch);
        let key = DeliveryKey {
            run: envelope.run.clone(),
            document,
            rid,
            mail_epoch,
        };
        if settled.contains(&key) {
            keys.push(key);
            continue;
        }
        let decide_at = decide_at(deps, portfolio, &key)?;
        let letter = Letter {
            key: &key,
            generation: envelope.generation,
            from: &portfolio.mail.from,
            reply_to: portfolio.mail.reply_to.as_ref(),
            decide_at: decide_at.as_ref(),
            unsubscribe: portfolio.mail.unsubscribe.as_ref(),
            to: &to,
            date: envelope.scheduled_at,
            facts: run.analysis.as_ref().map(|analysis| &analysis.sha256),
        };
        let bytes = letter.build(&content);
        let mail = deps.objects.put_once(&path(envelope, &key), bytes.into()).await;
        let mail = mail.context("failed to archive the mail")?;
        let new = deps
            .ledger
            .plan_delivery(&key, &mail, envelope.not_after, deps.clock.now())
            .await;
        let new = new.context("failed to plan the delivery")?;
        tracing::debug!(rid = %key.rid, new, bytes = mail.bytes, "delivery planned");
        let address = Rid::of(deps.rid_key.expose_secret().as_bytes(), &to);
        if let Some(outcome) = suppression::outcome(deps, &address).await? {
            set_aside(deps, &key, &outcome).await?;
        }
        keys.push(key);
    }
    Ok(keys)
}

/// Where this delivery is answered with decisions, if that is switched on. The archive decides nothing.
fn decide_at(deps: &Deps, portfolio: &Portfolio, key: &DeliveryKey) -> anyhow::Result<Option<Mailbox>> {
    let domain = portfolio.mail.reply_domain.as_ref();
    let Some(domain) = domain.filter(|_| key.rid != Rid::archive()) else {
        return Ok(None);
    };
    let address = reply::address(deps.rid_key.expose_secret().as_bytes(), key, domain);
    address.map(Some).context("failed to make the address of answers")
}

/// A generation has one configuration, so one list of recipients. If the rows that it wrote before are to others, the key
/// under which addresses are hashed has changed, and going on would mail everybody again under a new name.
fn check_rids(
    envelope: &Envelope,
    rows: &[DeliveryRow],
    recipients: &BTreeMap<Rid, Mailbox>,
    document: &DocumentId,
) -> anyhow::Result<()> {
    let prefix = format!("{}/", run_prefix(&envelope.run, envelope.generation));
    let of_this = |row: &&DeliveryRow| {
        row.key.document == *document
            && row.key.mail_epoch == envelope.mail_epoch
            && row.mail.key.starts_with(&prefix)
    };
    let strange = rows
        .iter()
        .filter(of_this)
        .any(|row| !recipients.contains_key(&row.key.rid));
    ensure!(
        !strange,
        "deliveries of {document} stand under other recipient ids than this key gives: was the rid key changed in mid-run? \
         Put the old one back"
    );
    Ok(())
}

/// `runs/<run>/g<n>/mail/<document>/<rid>.e<epoch>.eml`
fn path(envelope: &Envelope, key: &DeliveryKey) -> String {
    let prefix = run_prefix(&envelope.run, envelope.generation);
    format!(
        "{prefix}/mail/{}/{}.{}.eml",
        key.document, key.rid, key.mail_epoch
    )
}

/// Those that an operator let go, and the others.
async fn released(
    deps: &Deps,
    envelope: &Envelope,
    keys: &[DeliveryKey],
) -> anyhow::Result<(Vec<DeliveryKey>, Vec<DeliveryKey>)> {
    let rows = deps.ledger.deliveries(&envelope.run).await;
    let rows = rows.context("failed to list the deliveries")?;
    let released: BTreeSet<_> = rows
        .into_iter()
        .filter(|row| row.released_at.is_some())
        .map(|row| row.key)
        .collect();
    Ok(keys.iter().cloned().partition(|key| released.contains(key)))
}

/// The deliveries of the run that no attempt will change any more.
async fn settled(deps: &Deps, envelope: &Envelope) -> anyhow::Result<BTreeSet<DeliveryKey>> {
    let rows = deps.ledger.deliveries(&envelope.run).await;
    let rows = rows.context("failed to list the deliveries")?;
    let settled = rows.into_iter().filter(|row| row.state.is_settled());
    Ok(settled.map(|row| row.key).collect())
}

/// One message for every delivery that still needs one. A redelivered message finds those settled and leaves them.
async fn send(deps: &Deps, envelope: &Envelope, keys: &[DeliveryKey]) -> anyhow::Result<()> {
    let settled = settled(deps, envelope).await?;
    let now = deps.clock.now();
    let bodies = keys.iter().filter(|key| !settled.contains(key)).map(|key| {
        let task = Task::Deliver {
            document: key.document.clone(),
            rid: key.rid.clone(),
        };
        envelope
            .follow(task, None, "mailer", "delivery planned", now)
            .to_body()
    });
    let bodies = bodies.collect::<Vec<_>>();
    deps.sender
        .send(Stage::Mail, &bodies)
        .await
        .context("failed to send for the deliveries")?;
    tracing::info!(deliveries = keys.len(), sent = bodies.len(), "deliveries planned");
    Ok(())
}
