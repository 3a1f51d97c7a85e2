//! Writes a night's documents from the archive into the output folder.

use std::path::{Path, PathBuf};

use anyhow::Context;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use shared::{id::DocumentId, ledger::DeliveryRow, mail::Rid, manifest::DocumentManifest, message::Input};

use super::{Local, Night};

/// A document's files.
#[derive(Debug, Serialize)]
pub struct Exported {
    /// Which.
    pub document: DocumentId,
    /// Subject of its mail.
    pub subject: String,
    /// Paths, in the order html, txt, pdf, eml.
    pub files: Vec<PathBuf>,
    /// Size of the mail's HTML.
    pub html_bytes: u64,
    /// Size of the PDF.
    pub pdf_bytes: u64,
}

/// Writes `OUT/<date>/<document>.{html,txt,pdf,eml}` and `analysis.json`.
///
/// # Errors
/// If an object cannot be read or a file cannot be written.
pub async fn export(local: &Local, night: &Night) -> anyhow::Result<Vec<Exported>> {
    let folder = local.out.join(night.row.plan.run.date().to_string());
    std::fs::create_dir_all(folder.join("images"))
        .with_context(|| format!("failed to make {}", folder.display()))?;
    if let Some(analysis) = &night.row.analysis {
        write(
            &folder.join("analysis.json"),
            &local.objects.get_checked(analysis).await?,
        )?;
    }
    let documents = night.row.documents.iter();
    let each = documents.map(async |(document, made)| {
        let bytes = local.objects.get_checked(&made.input).await?;
        let manifest: DocumentManifest = serde_json::from_slice(&bytes)
            .with_context(|| format!("the manifest of {document} is damaged"))?;
        let archived = archive_copy(&night.deliveries, document);
        one(local, &folder, &manifest, archived).await
    });
    // Two at a time: one is read while the other is written.
    stream::iter(each).buffered(2).try_collect().await
}

async fn one(
    local: &Local,
    folder: &Path,
    manifest: &DocumentManifest,
    archived: Option<&Input>,
) -> anyhow::Result<Exported> {
    let path = |kind: &str| folder.join(format!("{}.{kind}", manifest.document));
    // In a mail the images are parts named by CID; a browser needs files.
    let html = local.objects.get_checked(&manifest.html).await?;
    let html = String::from_utf8_lossy(&html).into_owned();
    let html = with_files(
        html,
        &manifest.document,
        manifest.images.iter().map(|i| i.cid.as_str()),
    );
    for image in &manifest.images {
        let bytes = local.objects.get_checked(&image.input).await?;
        write(&folder.join(image_file(&manifest.document, &image.cid)), &bytes)?;
    }
    write(&path("html"), html.as_bytes())?;
    write(&path("txt"), &local.objects.get_checked(&manifest.text).await?)?;
    write(&path("pdf"), &local.objects.get_checked(&manifest.pdf).await?)?;
    let mut files = vec![path("html"), path("txt"), path("pdf")];
    if let Some(mail) = archived {
        let eml: Bytes = local.objects.get_checked(mail).await?;
        write(&path("eml"), &eml)?;
        files.push(path("eml"));
    }
    Ok(Exported {
        document: manifest.document.clone(),
        subject: manifest.subject.clone(),
        files,
        html_bytes: manifest.html.bytes,
        pdf_bytes: manifest.pdf.bytes,
    })
}

/// Where an image of a document lies, below the folder of its night.
pub fn image_file(document: &DocumentId, cid: &str) -> String {
    format!("images/{document}-{cid}.png")
}

/// A mail's HTML with its images as files beside it.
pub fn with_files<'a>(html: String, document: &DocumentId, cids: impl Iterator<Item = &'a str>) -> String {
    // One id may begin another: the longer ones go first.
    let mut cids: Vec<&str> = cids.collect();
    cids.sort_by_key(|cid| std::cmp::Reverse(cid.len()));
    cids.iter().fold(html, |html, cid| {
        html.replace(&format!("cid:{cid}"), &image_file(document, cid))
    })
}

fn archive_copy<'a>(deliveries: &'a [DeliveryRow], document: &DocumentId) -> Option<&'a Input> {
    let archive = Rid::archive();
    deliveries
        .iter()
        .find(|d| d.key.document == *document && d.key.rid == archive)
        .map(|d| &d.mail)
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("failed to write {}", path.display()))
}
