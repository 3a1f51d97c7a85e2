//! A render message: analysis and specification in, a document's objects out, then the join rule over documents.
//! Start at [`handle`].
//!
//! Data first, then the pointer: all objects are written once (the same bytes again are fine, so a redelivery goes on),
//! the manifest last, then the ledger's row. Whoever completes the last document sends the mail messages and notes that
//! afterwards: a crash in between sends them twice, never not at all.

use std::sync::Arc;

use anyhow::Context as _;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use bytes::Bytes;
use shared::{
    clock::Clock,
    cloud::Cloud,
    facts::Analysis,
    handler,
    id::DocumentId,
    ledger::{Completed, Ledger, PartRef},
    manifest::{DocumentManifest, Image},
    message::{Envelope, Input, Task},
    metrics::{self, Metric},
    objects::{Objects, run_prefix},
    portfolio::{Bundle, DocumentSettings, Portfolio},
    queue::{Sender, Stage},
};

use crate::{
    Context, Nights, Press, Rendered,
    clean::{self, Clean},
    parse_spec,
    pdf::Paper,
    spec::DocumentSpec,
    specs,
};

/// As what this service signs its messages.
const BY: &str = "renderer";

/// The ports that the renderer holds: no source tables, no mail.
pub struct Deps {
    /// What runs have come to.
    pub ledger: Arc<dyn Ledger>,
    /// To the mail queue.
    pub sender: Arc<dyn Sender>,
    /// Bundles and analyses in, documents out.
    pub objects: Objects,
    /// Tells when something was sent.
    pub clock: Arc<dyn Clock>,
    /// What a warm function has read already; empty at first.
    pub nights: Nights,
}

impl Deps {
    /// A deployment's.
    ///
    /// # Errors
    /// When the environment lacks something of it.
    pub fn of(cloud: &Cloud) -> anyhow::Result<Self> {
        Ok(Self {
            ledger: cloud.ledger()?,
            sender: cloud.queue()?,
            objects: cloud.objects()?,
            clock: cloud.clock(),
            nights: Nights::default(),
        })
    }
}

/// Handles a batch from the render queue, each record by itself.
pub async fn handle(deps: &Deps, event: SqsEvent) -> SqsBatchResponse {
    handler::per_record(event, Stage::Render, |envelope| one(deps, envelope)).await
}

async fn one(deps: &Deps, envelope: Envelope) -> anyhow::Result<()> {
    let Task::Render { document } = &envelope.task else {
        anyhow::bail!("the renderer has no work of kind {}", envelope.task.stage());
    };
    let input = envelope
        .input
        .as_ref()
        .context("a render message needs analysis.json as its input")?;
    let night = deps.nights.of(&deps.objects, &envelope.portfolio, input).await?;
    let settings = night
        .portfolio
        .documents
        .iter()
        .find(|d| d.id == *document)
        .with_context(|| format!("portfolio.toml has no document {document}"))?;
    let spec = spec_of(&night.bundle, settings)?;
    let rendered = print(
        &night.press,
        &night.bundle,
        &night.portfolio,
        settings,
        &spec,
        night.analysis.clone(),
    )?;
    let manifest = store(deps, &envelope, document, rendered, night.hold(&spec.role)).await?;
    metrics::count(envelope.run.portfolio(), Metric::DocumentsRendered);
    let result = PartRef {
        input: manifest,
        rows: 0,
        failure: None,
    };
    let completed = deps
        .ledger
        .complete_document(&envelope.run, envelope.generation, document, &result)
        .await?;
    match completed {
        Completed::Recorded {
            last: true,
            next_sent: false,
        } => send_mail(deps, &envelope).await,
        Completed::Recorded { .. } => Ok(()),
        Completed::Stale => {
            tracing::info!("the run is at a later generation, this document is stale");
            Ok(())
        }
        Completed::Late => {
            tracing::warn!("the run went on without this document, it is recorded as late");
            Ok(())
        }
    }
}

/// One document of a portfolio from its analysis, with the portfolio's own specification and templates.
///
/// # Errors
/// For a document whose specification is absent or damaged, or that does not render.
pub fn render_document(
    bundle: &Bundle,
    portfolio: &Portfolio,
    settings: &DocumentSettings,
    analysis: &Analysis,
) -> anyhow::Result<Rendered> {
    let press = Press::new(bundle, Paper::A4).context("failed to read the templates")?;
    let analysis = clean::analysis(analysis).context("failed to clean the analysis")?;
    let spec = spec_of(bundle, settings)?;
    print(&press, bundle, portfolio, settings, &spec, analysis)
}

fn spec_of(bundle: &Bundle, settings: &DocumentSettings) -> anyhow::Result<DocumentSpec> {
    let path = specs::path(&settings.template);
    let text = specs::text(bundle, &settings.template)
        .with_context(|| format!("document {} names {path}, which is not there", settings.id))?;
    parse_spec(&text).map_err(|errors| {
        let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{path}: {}", all.join("; "))
    })
}

fn print(
    press: &Press,
    bundle: &Bundle,
    portfolio: &Portfolio,
    settings: &DocumentSettings,
    spec: &DocumentSpec,
    analysis: Clean,
) -> anyhow::Result<Rendered> {
    let context = Context {
        parameters: specs::parameters(bundle, portfolio),
        is_answered: portfolio.mail.reply_domain.is_some(),
    };
    let rendered = press
        .render_clean(analysis, spec, settings, &context)
        .with_context(|| format!("failed to render {}", settings.id))?;
    let (document, pages) = (settings.id.as_str(), rendered.pages);
    match (spec.most_pages(), rendered.pdf_rows) {
        (Some(most), _) if pages > most => {
            tracing::warn!(
                document,
                pages,
                most,
                "the PDF is longer than its specification allows"
            );
        }
        (_, Some(rows)) => tracing::info!(document, pages, rows, "the PDF's longest tables were cut to fit"),
        _ => {}
    }
    Ok(rendered)
}

async fn store(
    deps: &Deps,
    envelope: &Envelope,
    document: &DocumentId,
    rendered: Rendered,
    hold: Option<String>,
) -> anyhow::Result<Input> {
    let base = format!(
        "{}/documents/{document}",
        run_prefix(&envelope.run, envelope.generation)
    );
    let put = async |key: String, bytes: Vec<u8>| {
        let stored = deps.objects.put_once(&key, Bytes::from(bytes)).await;
        stored.with_context(|| format!("failed to store {key}"))
    };
    let mut images = Vec::new();
    for image in rendered.images {
        let input = put(format!("{base}/{}.png", image.cid), image.png).await?;
        images.push(Image {
            cid: image.cid,
            input,
            alt: image.alt,
        });
    }
    let manifest = DocumentManifest {
        document: document.clone(),
        subject: rendered.subject,
        html: put(format!("{base}.html"), rendered.html.into_bytes()).await?,
        text: put(format!("{base}.txt"), rendered.text.into_bytes()).await?,
        pdf: put(format!("{base}.pdf"), rendered.pdf).await?,
        images,
        hold,
    };
    put(format!("{base}.json"), serde_json::to_vec(&manifest)?).await
}

/// One message per document, in the order of their ids.
async fn send_mail(deps: &Deps, envelope: &Envelope) -> anyhow::Result<()> {
    let row = deps
        .ledger
        .run(&envelope.run)
        .await?
        .context("the run is not on the ledger")?;
    let body = |(document, result): (&DocumentId, &PartRef)| {
        let task = Task::Mail {
            document: document.clone(),
        };
        let reason = "all documents are rendered";
        envelope
            .follow(task, Some(result.input.clone()), BY, reason, deps.clock.now())
            .to_body()
    };
    let bodies: Vec<String> = row.documents.iter().map(body).collect();
    deps.sender
        .send(Stage::Mail, &bodies)
        .await
        .context("failed to send the mail messages")?;
    let sent = deps
        .ledger
        .mail_sent(&envelope.run, envelope.generation, deps.clock.now());
    sent.await
        .context("failed to note that the mail messages were sent")
}
