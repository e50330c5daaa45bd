//! Which keys have which vector, and where is it to be looked for?
//!
//! Equal vectors are one *node* with several keys: the same JD is posted again and again, and hundreds of equal points
//! would close a graph's neighbourhood off from the rest. A node is in the *tail*, which is looked at one by one, or in
//! the graph. A node of the graph without keys is a tombstone; its key coming back, or another JD with that vector,
//! brings it to life.

use super::graph::Graph;
use super::top::Top;
use rolestream_dataflows::fixed::{Micro, Vector, dot};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::Arc;

pub(super) struct Rows<K> {
    nodes: Vec<Node<K>>,
    node_of: HashMap<K, u32>,
    by_vector: HashMap<Vector, u32>,
    /// Places in `nodes` that may be taken.
    free: Vec<u32>,
    tail: Vec<u32>,
    pub(super) graph: Option<Arc<Graph>>,
    /// Nodes in the graph, and those of them that are tombstones.
    in_graph: usize,
    dead: usize,
}

struct Node<K> {
    /// `None`: the place is free.
    vector: Option<Vector>,
    /// Ascending.
    keys: Vec<K>,
    place: Place,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the tail, there. Whoever moves it into the graph may have its number inserted already: then it must not
    /// become another vector's.
    Tail {
        at: usize,
        moving: bool,
    },
    Graph,
}

impl<K> Default for Rows<K> {
    fn default() -> Rows<K> {
        Rows {
            nodes: Vec::new(),
            node_of: HashMap::new(),
            by_vector: HashMap::new(),
            free: Vec::new(),
            tail: Vec::new(),
            graph: None,
            in_graph: 0,
            dead: 0,
        }
    }
}

impl<K: Clone + Ord + Hash> Rows<K> {
    /// Keys stored.
    pub(super) fn len(&self) -> usize {
        self.node_of.len()
    }

    /// Nodes that are looked at one by one, nodes in the graph, and the tombstones among these.
    pub(super) fn sizes(&self) -> (usize, usize, usize) {
        (self.tail.len(), self.in_graph, self.dead)
    }

    pub(super) fn put(&mut self, key: K, vector: Vector) {
        if let Some(node) = self.node_of.get(&key) {
            if self.nodes[*node as usize].vector.as_ref() == Some(&vector) {
                return;
            }
            self.remove(&key);
        }
        let node = match self.by_vector.get(&vector) {
            Some(node) => *node,
            None => self.new_node(vector),
        };
        let held = &mut self.nodes[node as usize];
        self.dead -= usize::from(held.keys.is_empty() && held.place == Place::Graph);
        let at = held.keys.partition_point(|other| *other < key);
        // Most have one key, and a first push would make room for four.
        held.keys.reserve_exact(1);
        held.keys.insert(at, key.clone());
        self.node_of.insert(key, node);
    }

    fn new_node(&mut self, vector: Vector) -> u32 {
        let place = Place::Tail { at: self.tail.len(), moving: false };
        let node = Node { vector: Some(vector.clone()), keys: Vec::new(), place };
        let number = match self.free.pop() {
            Some(number) => {
                self.nodes[number as usize] = node;
                number
            }
            None => {
                self.nodes.push(node);
                self.nodes.len() as u32 - 1
            }
        };
        self.tail.push(number);
        self.by_vector.insert(vector, number);
        number
    }

    pub(super) fn remove(&mut self, key: &K) -> bool {
        let Some(number) = self.node_of.remove(key) else { return false };
        let node = &mut self.nodes[number as usize];
        node.keys.retain(|other| other != key);
        if node.keys.is_empty() {
            match node.place {
                Place::Graph => self.dead += 1,
                Place::Tail { moving: true, .. } => {}
                Place::Tail { at, .. } => {
                    self.leave_tail(at);
                    self.forget(number);
                }
            }
        }
        true
    }

    fn leave_tail(&mut self, at: usize) {
        self.tail.swap_remove(at);
        if let Some(moved) = self.tail.get(at)
            && let Place::Tail { at: its, .. } = &mut self.nodes[*moved as usize].place
        {
            *its = at;
        }
    }

    fn forget(&mut self, number: u32) {
        if let Some(vector) = self.nodes[number as usize].vector.take() {
            self.by_vector.remove(&vector);
        }
        self.free.push(number);
    }

    /// Announces that nodes of the tail go into the graph: at most so many, those with the least keys, in their order.
    /// They are found in the tail until [`Rows::moved`].
    pub(super) fn move_some(&mut self, at_most: usize) -> Vec<(u32, Vector)> {
        let mut chosen = self.tail.clone();
        self.sort(&mut chosen);
        chosen.truncate(at_most);
        for number in &chosen {
            if let Place::Tail { moving, .. } = &mut self.nodes[*number as usize].place {
                *moving = true;
            }
        }
        self.with_vectors(&chosen)
    }

    /// These are in the graph now.
    pub(super) fn moved(&mut self, numbers: impl IntoIterator<Item = u32>) {
        for number in numbers {
            if let Place::Tail { at, .. } = self.nodes[number as usize].place {
                self.leave_tail(at);
                self.nodes[number as usize].place = Place::Graph;
                self.in_graph += 1;
                self.dead += usize::from(self.nodes[number as usize].keys.is_empty());
            }
        }
    }

    /// What a new graph is made of: the living nodes of the old one, by their least keys.
    pub(super) fn living_in_graph(&self) -> Vec<(u32, Vector)> {
        let mut living: Vec<u32> = (0..self.nodes.len() as u32)
            .filter(|number| {
                let node = &self.nodes[*number as usize];
                node.place == Place::Graph && !node.keys.is_empty()
            })
            .collect();
        self.sort(&mut living);
        self.with_vectors(&living)
    }

    /// Puts a graph of these nodes, or none, in the old one's place and gives that back. What is not in the new one is
    /// forgotten, or looked at one by one where it came to life meanwhile.
    pub(super) fn replace_graph(&mut self, graph: Option<Arc<Graph>>, has: &HashSet<u32>) -> Option<Arc<Graph>> {
        (self.in_graph, self.dead) = (0, 0);
        for number in 0..self.nodes.len() as u32 {
            let node = &mut self.nodes[number as usize];
            match (node.place, node.vector.is_some(), node.keys.is_empty()) {
                (Place::Tail { .. }, ..) | (_, false, _) => {}
                (Place::Graph, _, dead) if has.contains(&number) => {
                    self.in_graph += 1;
                    self.dead += usize::from(dead);
                }
                (Place::Graph, _, true) => self.forget(number),
                (Place::Graph, ..) => {
                    node.place = Place::Tail { at: self.tail.len(), moving: false };
                    self.tail.push(number);
                }
            }
        }
        std::mem::replace(&mut self.graph, graph)
    }

    /// Every so-many-th vector, so that there are `count` of them or a few more.
    pub(super) fn sample(&self, count: usize) -> Vec<Vector> {
        let living: Vec<&Vector> =
            self.nodes.iter().filter(|node| !node.keys.is_empty()).filter_map(|node| node.vector.as_ref()).collect();
        living.iter().step_by((living.len() / count.max(1)).max(1)).map(|vector| (*vector).clone()).collect()
    }

    /// Looks at all there is.
    pub(super) fn nearest_exactly(&self, vector: &Vector, k: usize) -> Vec<(K, Micro)> {
        if k == 0 {
            return Vec::new();
        }
        let mut top = Top::new(k);
        self.nodes.iter().for_each(|node| node.offer(vector, &mut top));
        top.finish()
    }

    /// Looks at the tail, and around the vector in the graph.
    pub(super) fn nearest(&self, vector: &Vector, k: usize, ef: usize) -> Vec<(K, Micro)> {
        let Some(graph) = self.graph.as_ref().filter(|_| k > 0) else { return self.nearest_exactly(vector, k) };
        let mut ef = ef.max(k);
        // Tombstones may fill the whole neighbourhood: then it is made wider, and at last all is looked at.
        let around = loop {
            if ef * 4 > graph.len() {
                return self.nearest_exactly(vector, k);
            }
            let living: Vec<&Node<K>> = graph
                .around(vector, ef)
                .map(|number| &self.nodes[number as usize])
                .filter(|node| node.place == Place::Graph && !node.keys.is_empty())
                .collect();
            if living.len() >= k {
                break living;
            }
            ef *= 4;
        };
        let mut top = Top::new(k);
        around.iter().for_each(|node| node.offer(vector, &mut top));
        self.tail.iter().for_each(|number| self.nodes[*number as usize].offer(vector, &mut top));
        top.finish()
    }

    fn sort(&self, numbers: &mut [u32]) {
        numbers
            .sort_unstable_by(|a, b| self.nodes[*a as usize].keys.first().cmp(&self.nodes[*b as usize].keys.first()));
    }

    fn with_vectors(&self, numbers: &[u32]) -> Vec<(u32, Vector)> {
        let vector = |number: &u32| Some((*number, self.nodes[*number as usize].vector.clone()?));
        numbers.iter().filter_map(vector).collect()
    }
}

impl<K: Ord + Clone> Node<K> {
    fn offer<'a>(&'a self, to: &Vector, top: &mut Top<'a, K>) {
        if let Some(vector) = &self.vector
            && !self.keys.is_empty()
        {
            top.offer(dot(vector.components(), to.components()), &self.keys);
        }
    }
}
