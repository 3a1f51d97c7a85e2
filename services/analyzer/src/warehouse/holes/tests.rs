use super::*;

fn entities(sql: &str) -> Option<Vec<String>> {
    literal_entities(sql).map(|found| found.into_iter().flatten().collect())
}

#[test]
fn a_literal_entity_is_found_in_every_part_of_a_union() {
    assert_eq!(
        entities("select 'qos' as entity, a from raw.x"),
        Some(vec!["qos".into()])
    );
    assert_eq!(
        entities("select a, 'qos' as entity from raw.x union all select b, 'jada' from raw.y"),
        Some(vec!["jada".into(), "qos".into()])
    );
    assert_eq!(entities("select entity, a from raw.x"), None);
    assert_eq!(
        entities("select case when b then 'x' end as entity from raw.x"),
        None
    );
    assert_eq!(entities("not sql"), None);
}

#[test]
fn the_tables_of_a_query_are_those_it_names_anywhere() {
    let sql = "with a as (select 1 from b) select * from raw.\"c\" join d on d.x in (select x from e) where $as_of > f";
    let found: Vec<String> = relations(sql).into_iter().collect();
    assert_eq!(found, ["b", "d", "e", "raw.c"]);
    let folded: Vec<String> = relations("select 1 from Burn, \"Burn\"").into_iter().collect();
    assert_eq!(folded, ["Burn", "burn"], "as the engine does");
}
