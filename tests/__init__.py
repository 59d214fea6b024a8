"""The tests of Signpost; a package so that they can share their people and scripts."""
