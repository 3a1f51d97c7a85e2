//! Documents as rows of the `handoff_*` tables of `catalog/collected.toml`.

use anyhow::Context;
use shared::manifest::{Namespace, TableManifest};

use super::document::{Document, Lint};
use crate::{
    snapshot::{
        PartFolder, TableWriter,
        chunk::{Chunk, Columns, MAX_BYTES},
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

/// Bytes of text over all tables at which they are written. A file of 1 MiB makes a few of it, so that memory stays far
/// below the function's, however many files there are.
const MOST_TEXT: usize = MAX_BYTES / 2;

/// The rows of the tables, written as they come.
#[derive(Debug)]
pub struct Rows<'a> {
    columns: Columns,
    tables: Vec<Table<'a>>,
    /// Bytes of the rows that are not written yet.
    text: usize,
}

#[derive(Debug)]
struct Table<'a> {
    name: &'static str,
    writer: TableWriter<'a>,
    chunk: Chunk,
}

type Pair<'a> = (&'a str, Option<&'a str>);

impl<'a> Rows<'a> {
    /// To a part's folder.
    pub fn new(folder: &'a PartFolder<'a>) -> Self {
        let table = |name| Table {
            name,
            writer: folder.table(Namespace::Collected, name),
            chunk: Chunk::default(),
        };
        Self {
            columns: Columns::default(),
            tables: TABLES.map(table).into(),
            text: 0,
        }
    }

    /// Adds what a file says.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn document(&mut self, file: &str, document: &Document) -> anyhow::Result<()> {
        let entity = document.entity.as_deref();
        let number = |number: Option<u64>| number.map(|number| number.to_string());
        let bytes = number(document.bytes);
        let row = [
            ("title", Some(document.title.as_str())),
            ("owner", document.owner.as_deref()),
            ("stage", document.stage.as_deref()),
            ("updated_on", document.updated_on.as_deref()),
            ("status", Some(document.status.as_str())),
            ("bytes", bytes.as_deref()),
            ("sha256", document.sha256.as_deref()),
        ];
        self.row("handoff_document", file, entity, None, &row).await?;
        for section in &document.sections {
            let level = section.level.to_string();
            let row = [
                ("level", Some(level.as_str())),
                ("heading", Some(&section.heading)),
                ("section", Some(&section.section)),
            ];
            self.row("handoff_section", file, entity, Some(section.line), &row)
                .await?;
        }
        for task in &document.tasks {
            let parent = task.parent_line.map(|line| line.to_string());
            let row = [
                ("section", task.section.as_deref()),
                ("title", Some(&task.title)),
                ("done", Some(if task.done { "true" } else { "false" })),
                ("owner", task.owner.as_deref()),
                ("due", task.due.as_deref()),
                ("impact", task.impact.as_deref()),
                ("cost", task.cost.as_deref()),
                ("effort", task.effort.as_deref()),
                ("parent_line", parent.as_deref()),
            ];
            self.row("handoff_task", file, entity, Some(task.line), &row)
                .await?;
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
            self.row("handoff_table_cell", file, entity, Some(cell.line), &row)
                .await?;
        }
        for fact in &document.facts {
            let row = [
                ("section", fact.section.as_deref()),
                ("key", Some(&fact.key)),
                ("value", Some(&fact.value)),
            ];
            self.row("handoff_fact", file, entity, Some(fact.line), &row)
                .await?;
        }
        for deploy in &document.deploys {
            let row = [("at", Some(deploy.at.as_str())), ("what", Some(&deploy.what))];
            self.row("handoff_deploy", file, entity, Some(deploy.line), &row)
                .await?;
        }
        for lint in &document.lints {
            self.lint(file, entity, lint).await?;
        }
        Ok(())
    }

    /// Adds what an author should mend.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn lint(&mut self, file: &str, entity: Option<&str>, lint: &Lint) -> anyhow::Result<()> {
        let row = [
            ("code", Some(lint.code.as_str())),
            ("message", Some(&lint.message)),
            ("fix", Some(&lint.fix)),
        ];
        self.row("handoff_lint", file, entity, Some(lint.line), &row)
            .await
    }

    async fn row(
        &mut self,
        table: &'static str,
        file: &str,
        entity: Option<&str>,
        line: Option<usize>,
        cells: &[Pair<'_>],
    ) -> anyhow::Result<()> {
        let found = self.tables.iter_mut().find(|known| known.name == table);
        let table = found.with_context(|| format!("{table} is no table of the handoffs"))?;
        table.chunk.begin_row();
        let line = line.map(|line| line.to_string());
        let head = [("file", Some(file)), ("entity", entity)];
        let line = line.as_deref().map(|line| ("line", Some(line)));
        for (name, text) in head.iter().chain(&line).chain(cells) {
            table.chunk.text_cell(self.columns.id(name), *text);
            self.text += text.map_or(0, str::len);
        }
        if table.chunk.is_full() || self.text >= MOST_TEXT {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> anyhow::Result<()> {
        for table in &mut self.tables {
            let chunk = std::mem::take(&mut table.chunk);
            table.writer.write(&self.columns, &chunk).await?;
        }
        self.text = 0;
        Ok(())
    }

    /// Writes the rest. All tables are there then, also those without rows.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn finish(mut self) -> anyhow::Result<Vec<TableManifest>> {
        self.flush().await?;
        let finish = |table: Table<'_>| table.writer.finish(columns_of(table.name).unwrap_or_default());
        Ok(self.tables.into_iter().map(finish).collect())
    }
}
