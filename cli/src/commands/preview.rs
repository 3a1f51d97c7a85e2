//! `quarterdeck preview`: yesterday's facts in today's templates.

use std::path::PathBuf;

use anyhow::Context;
use serde::Serialize;

use crate::{
    args::PreviewArgs,
    exit::Exit,
    local::{Local, image_file, with_files},
    output,
};

#[derive(Serialize)]
struct Previewed {
    document: String,
    subject: String,
    files: Vec<PathBuf>,
}

/// Renders a night's documents with the folder's templates as they are now. Nothing goes on the ledger.
///
/// # Errors
/// If there is no such night, or a document does not render.
pub async fn preview(args: &PreviewArgs, json: bool) -> anyhow::Result<Exit> {
    let local = Local::open_existing(&args.place.portfolio, &args.place.out).await?;
    let row = local.find_run(args.date).await?;
    let analysis = local.analysis(&row).await?;
    local.check_documents(&args.only)?;
    let folder = local.out.join(row.plan.run.date().to_string()).join("preview");
    std::fs::create_dir_all(folder.join("images"))
        .with_context(|| format!("failed to make {}", folder.display()))?;

    let mut previewed = Vec::new();
    for settings in &local.portfolio.documents {
        if !args.only.is_empty() && !args.only.contains(&settings.id) {
            continue;
        }
        let rendered = renderer::render_document(&local.bundle, &local.portfolio, settings, &analysis)?;
        let cids = rendered.images.iter().map(|i| i.cid.as_str());
        let html = with_files(rendered.html.clone(), &settings.id, cids);
        let mut files = Vec::new();
        for image in &rendered.images {
            let file = image_file(&settings.id, &image.cid);
            std::fs::write(folder.join(&file), &image.png)
                .with_context(|| format!("failed to write {file}"))?;
        }
        for (kind, bytes) in [
            ("html", html.as_bytes()),
            ("txt", rendered.text.as_bytes()),
            ("pdf", rendered.pdf.as_slice()),
        ] {
            let path = folder.join(format!("{}.{kind}", settings.id));
            std::fs::write(&path, bytes).with_context(|| format!("failed to write {}", path.display()))?;
            files.push(path);
        }
        previewed.push(Previewed {
            document: settings.id.to_string(),
            subject: rendered.subject,
            files,
        });
    }
    if json {
        output::json(&previewed)?;
    } else {
        for document in &previewed {
            for file in &document.files {
                output::say(file.display())?;
            }
        }
        let count = previewed.len();
        output::say(format!(
            "{count} document(s) of {}; nothing was mailed",
            row.plan.run
        ))?;
    }
    Ok(Exit::Ok)
}
