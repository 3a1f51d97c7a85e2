//! For eyes: `QUARTERDECK_LOOK=<folder>` makes this test write every built-in document there, of the hand-made night or
//! of the `analysis.json` that `QUARTERDECK_LOOK_ANALYSIS` names, with images beside the HTML.

use super::*;
use crate::specs;

const DOCUMENTS: [(&str, Option<&str>); 9] = [
    ("ceo", None),
    ("cto", None),
    ("cfo", None),
    ("cmo", None),
    ("accounting", None),
    ("audit_rental", None),
    ("audit_delivery", None),
    ("audit_client_portfolio", None),
    ("brief", None),
];

/// The catalog as it lies in the checkout, so that a template can be worked on without a compiler.
fn on_disk() -> Bundle {
    let catalog = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalog");
    let mut files = BTreeMap::new();
    for folder in ["templates", "documents"] {
        for entry in std::fs::read_dir(catalog.join(folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("catalog/{folder}/{}", entry.file_name().to_string_lossy());
            files.insert(path, std::fs::read_to_string(entry.path()).unwrap());
        }
    }
    Bundle(files)
}

#[test]
fn every_built_in_document_renders() {
    let out = std::env::var_os("QUARTERDECK_LOOK").map(std::path::PathBuf::from);
    let analysis = match std::env::var_os("QUARTERDECK_LOOK_ANALYSIS") {
        Some(path) => serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap(),
        None => night(),
    };
    let bundle = match out {
        Some(_) => on_disk(),
        None => Bundle::default(),
    };
    let press = Press::new(&bundle, Paper::A4).unwrap();
    for (id, entity) in DOCUMENTS {
        let spec = match specs::text(&bundle, id) {
            Some(text) => parse_spec(&text).unwrap(),
            None => brief(),
        };
        let started = std::time::Instant::now();
        let rendered = press
            .render(&analysis, &spec, &settings(id, entity), &context())
            .unwrap();
        // The hand-made night is shorter than a real one: what is too long for it is too long at all.
        if let Some(most) = spec.most_pages() {
            assert!(rendered.pages <= most, "{id} has {} pages", rendered.pages);
        }
        let Some(out) = &out else { continue };
        println!(
            "{id}: {:?}, {} pages (rows {:?}), html {} KB, pdf {} KB",
            started.elapsed(),
            rendered.pages,
            rendered.pdf_rows,
            rendered.html.len() / 1024,
            rendered.pdf.len() / 1024
        );
        let document = press
            .document(&analysis, &spec, &settings(id, entity), &context())
            .unwrap();
        let mut html = rendered.html;
        for image in &rendered.images {
            let name = format!("{}.png", image.cid);
            html = html.replace(&format!("\"cid:{}\"", image.cid), &format!("\"{name}\""));
            std::fs::write(out.join(name), &image.png).unwrap();
        }
        std::fs::write(out.join(format!("{id}.html")), html).unwrap();
        std::fs::write(out.join(format!("{id}.txt")), rendered.text).unwrap();
        std::fs::write(out.join(format!("{id}.pdf")), rendered.pdf).unwrap();
        std::fs::write(
            out.join(format!("{id}.json")),
            serde_json::to_vec(&document).unwrap(),
        )
        .unwrap();
        let folder = out.join(id);
        std::fs::create_dir_all(&folder).unwrap();
        for picture in document.pictures() {
            std::fs::write(folder.join(&picture.file), picture.drawing.svg(picture.on_page)).unwrap();
        }
    }
}
