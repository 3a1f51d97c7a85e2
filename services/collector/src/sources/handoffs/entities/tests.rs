use super::*;

fn entities() -> Entities {
    Entities::for_tests(&[
        ("jada", "JADA"),
        ("qos", "QueenofSanDiego"),
        ("rental", "3028 51st St Rental"),
    ])
}

#[test]
fn ids_titles_and_file_names_are_known() {
    let entities = entities();
    let id = |whose: Whose| whose.entity().map(str::to_owned);
    assert_eq!(
        id(entities.named("3028 51st St Rental")).as_deref(),
        Some("rental")
    );
    assert_eq!(id(entities.of_file("JADA.md")).as_deref(), Some("jada"));
    assert_eq!(id(entities.of_file("qos-guest-pages.md")).as_deref(), Some("qos"));
    assert_eq!(
        id(entities.of_file("queenofsandiego/README.md")).as_deref(),
        Some("qos")
    );
    assert_eq!(entities.of_file("portfolio.md"), Whose::Portfolio);
    assert_eq!(entities.of_file("jadafish.md"), Whose::Unknown);
}
