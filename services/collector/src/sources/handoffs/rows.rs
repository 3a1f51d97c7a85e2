//! Documents as rows of the `handoff_*` tables of `catalog/collected.toml`.

use std::collections::BTreeMap;

use shared::manifest::{Namespace, TableManifest};

use super::document::{Document, Lint};
use crate::{
    snapshot::{
        PartFolder,
        chunk::{Chunk, Columns},
    },
    sources::inventory::columns_of,
};

/// All tables of the handoffs. Each is written even when it has no rows: then that is known.
const TABLES: [&str; 7] = [
    "handoff_deploy",
    "handoff_document",
    "handoff_fact",
    "handoff_lint",
    "handoff_section",
    "handoff_table_cell",
    "handoff_task",
];

/// The rows so far, table by table.
#[derive(Debug, Default)]
pub struct Rows {
    columns: Columns,
    tables: BTreeMap<&'static str, Chunk>,
}

type Pair<'a> = (&'a str, Option<&'a str>);

impl Rows {
    /// Adds what a file says.
    pub fn document(&mut self, file: &str, document: &Document) {
        let entity = document.entity.as_deref();
        let row = [
            ("title", Some(document.title.as_str())),
            ("owner", document.owner.as_deref()),
            ("stage", document.stage.as_deref()),
            ("updated_on", document.updated_on.as_deref()),
            ("status", Some(document.status.as_str())),
            ("bytes", Some(&document.bytes.to_string())),
            ("sha256", document.sha256.as_deref()),
        ];
        self.row("handoff_document", file, entity, None, &row);
        for section in &document.sections {
            let level = section.level.to_string();
            let row = [
                ("level", Some(level.as_str())),
                ("heading", Some(&section.heading)),
                ("section", Some(&section.section)),
            ];
            self.row("handoff_section", file, entity, Some(section.line), &row);
        }
        for task in &document.tasks {
            let row = [
                ("section", task.section.as_deref()),
                ("title", Some(&task.title)),
                ("done", Some(if task.done { "true" } else { "false" })),
                ("owner", task.owner.as_deref()),
                ("due", task.due.as_deref()),
                ("impact", task.impact.as_deref()),
                ("cost", task.cost.as_deref()),
                ("effort", task.effort.as_deref()),
            ];
            self.row("handoff_task", file, entity, Some(task.line), &row);
        }
        for cell in &document.cells {
            let (table_no, row_no) = (cell.table_no.to_string(), cell.row_no.to_string());
            let row = [
                ("section", cell.section.as_deref()),
                ("table_no", Some(table_no.as_str())),
                ("row_no", Some(&row_no)),
                ("header", Some(&cell.header)),
                ("value", Some(&cell.value)),
            ];
            self.row("handoff_table_cell", file, entity, Some(cell.line), &row);
        }
        for fact in &document.facts {
            let row = [
                ("section", fact.section.as_deref()),
                ("key", Some(&fact.key)),
                ("value", Some(&fact.value)),
            ];
            self.row("handoff_fact", file, entity, Some(fact.line), &row);
        }
        for deploy in &document.deploys {
            let row = [("at", Some(deploy.at.as_str())), ("what", Some(&deploy.what))];
            self.row("handoff_deploy", file, entity, Some(deploy.line), &row);
        }
        for lint in &document.lints {
            self.lint(file, entity, lint);
        }
    }

    /// Adds what an author should mend.
    pub fn lint(&mut self, file: &str, entity: Option<&str>, lint: &Lint) {
        let row = [
            ("code", Some(lint.code)),
            ("message", Some(&lint.message)),
            ("fix", Some(&lint.fix)),
        ];
        self.row("handoff_lint", file, entity, Some(lint.line), &row);
    }

    fn row(
        &mut self,
        table: &'static str,
        file: &str,
        entity: Option<&str>,
        line: Option<usize>,
        cells: &[Pair<'_>],
    ) {
        let chunk = self.tables.entry(table).or_default();
        chunk.begin_row();
        chunk.text_cell(self.columns.id("file"), Some(file));
        chunk.text_cell(self.columns.id("entity"), entity);
        if let Some(line) = line {
            chunk.text_cell(self.columns.id("line"), Some(&line.to_string()));
        }
        for (name, text) in cells {
            chunk.text_cell(self.columns.id(name), *text);
        }
    }

    /// Writes all tables, also those without rows.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn write(&self, folder: &PartFolder<'_>) -> anyhow::Result<Vec<TableManifest>> {
        let mut tables = Vec::new();
        for name in TABLES {
            let mut table = folder.table(Namespace::Collected, name);
            if let Some(chunk) = self.tables.get(name) {
                table.write(&self.columns, chunk).await?;
            }
            tables.push(table.finish(columns_of(name).unwrap_or_default()));
        }
        Ok(tables)
    }
}
