//! The portfolio that ships with the product has no problem that its own reader can find.

use std::path::Path;

use shared::{
    portfolio::{Bundle, Portfolio},
    problem::render_problems,
};

#[test]
fn harbor_parses_without_a_problem() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let bundle = Bundle::read(&root.join("examples/harbor")).unwrap();
    let read = Portfolio::parse(&bundle);
    let harbor = read.unwrap_or_else(|problems| panic!("\n{}", render_problems(&problems, &bundle, false)));
    assert_eq!(
        (harbor.id.as_str(), harbor.entities.len(), harbor.documents.len()),
        ("harbor", 6, 8)
    );
}
