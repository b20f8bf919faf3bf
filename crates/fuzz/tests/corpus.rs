//! Every property holds for every input that is kept for it.

#![allow(clippy::unwrap_used)] // a corpus that cannot be read is a broken test

use std::fs;
use std::path::Path;

use fuzz::PROPERTIES;

#[test]
fn every_property_holds_for_its_corpus() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (name, check) in PROPERTIES {
        let files: Vec<_> = fs::read_dir(corpus.join(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(!files.is_empty(), "{name} has no corpus");
        for file in files {
            println!("{}", file.display());
            check(&fs::read(file).unwrap());
        }
    }
}

#[test]
fn each_folder_of_the_corpus_has_a_property() {
    for folder in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        assert!(fuzz::property(&name).is_some(), "{name} is looked at by nothing");
    }
}
