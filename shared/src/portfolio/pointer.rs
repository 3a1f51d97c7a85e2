//! `portfolios/<id>/current.json`: which bundle the next night starts with. The one object that is overwritten, last of
//! all by `quarterdeck push`; a night that has begun names its bundle itself and never looks here again.

use super::BundleError;
use crate::{id::PortfolioId, message::Input, objects::Objects};

/// Where a portfolio's pointer is.
pub fn key(portfolio: &PortfolioId) -> String {
    format!("portfolios/{portfolio}/current.json")
}

/// Where a portfolio's inputs (handoffs, a recorded inventory) are: each portfolio has a prefix of its own.
pub fn inputs_prefix(portfolio: &PortfolioId) -> String {
    format!("inputs/{portfolio}")
}

/// The bundle that the pointer names; none if the portfolio was never pushed.
///
/// # Errors
/// [`BundleError::Objects`], or [`BundleError::Damaged`] for what is no pointer.
pub async fn read(objects: &Objects, portfolio: &PortfolioId) -> Result<Option<Input>, BundleError> {
    let key = key(portfolio);
    match objects.get(&key).await {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|source| BundleError::Damaged { key, source }),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Points to a bundle that is stored already.
///
/// # Errors
/// [`BundleError::Objects`].
pub async fn write(objects: &Objects, portfolio: &PortfolioId, bundle: &Input) -> Result<(), BundleError> {
    let key = key(portfolio);
    let json = serde_json::to_vec(bundle).map_err(|source| BundleError::Damaged {
        key: key.clone(),
        source,
    })?;
    Ok(objects.replace(&key, json.into()).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portfolio::Bundle;

    #[tokio::test]
    async fn the_pointer_names_the_bundle_that_was_pushed_last() {
        let (objects, harbor) = (Objects::memory(), "harbor".parse().unwrap());
        assert_eq!(read(&objects, &harbor).await.unwrap(), None);
        let mut bundles = Vec::new();
        for text in ["one", "two"] {
            let bundle = Bundle([("portfolio.toml".to_owned(), text.to_owned())].into());
            bundles.push(bundle.store(&objects, &harbor).await.unwrap());
            write(&objects, &harbor, &bundles[bundles.len() - 1])
                .await
                .unwrap();
        }
        assert_ne!(bundles[0], bundles[1]);
        assert_eq!(read(&objects, &harbor).await.unwrap().as_ref(), bundles.last());
        objects.replace(&key(&harbor), "{}".into()).await.unwrap();
        let damaged = read(&objects, &harbor).await.unwrap_err().to_string();
        assert!(damaged.contains("portfolios/harbor/current.json"), "{damaged}");
    }
}
