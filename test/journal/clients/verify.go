// Verifies an exported log with Go's own transparency log packages, and nothing of ours.
// usage: go run verify.go OLD NEW   (folders made by `kuailian journal export`)
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type folder string

func (f folder) read(name string) []byte {
	data, err := os.ReadFile(filepath.Join(string(f), name))
	check(err)
	return data
}

func check(err error) {
	if err != nil {
		fmt.Println("not verified:", err)
		os.Exit(1)
	}
}

func fail(format string, args ...any) {
	check(fmt.Errorf(format, args...))
}

// C2SP tlog-tiles leaves out the tile height that Go's paths carry.
func path(t tlog.Tile) string {
	return strings.Replace(t.Path(), "tile/8/", "tile/", 1)
}

func (f folder) Height() int { return height }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := os.ReadFile(filepath.Join(string(f), path(t)))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

// The signed checkpoint: its signature first, then its three lines.
func (f folder) tree() tlog.Tree {
	verifier, err := note.NewVerifier(strings.TrimSpace(string(f.read("key"))))
	check(err)
	opened, err := note.Open(f.read("checkpoint"), note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		fail("origin %q is not the key's name %q", lines[0], verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	check(err)
	tree := tlog.Tree{N: size}
	if copy(tree.Hash[:], root) != tlog.HashSize || len(root) != tlog.HashSize {
		fail("the root has %d bytes", len(root))
	}
	return tree
}

func (f folder) entries(tree tlog.Tree) [][]byte {
	var leaves [][]byte
	for n := int64(0); n*256 < tree.N; n++ {
		width := int(tree.N - n*256)
		if width > 256 {
			width = 256
		}
		t := tlog.Tile{H: height, L: 0, N: n, W: width}
		data := f.read(strings.Replace(path(t), "tile/0/", "tile/entries/", 1))
		for len(data) > 0 {
			size := int(data[0])<<8 | int(data[1])
			leaves = append(leaves, data[2:2+size])
			data = data[2+size:]
		}
	}
	if int64(len(leaves)) != tree.N {
		fail("%d entries of %d", len(leaves), tree.N)
	}
	return leaves
}

func main() {
	older, newer := folder(os.Args[1]), folder(os.Args[2])
	old, tree := older.tree(), newer.tree()
	reader := tlog.TileHashReader(tree, newer)
	for n, leaf := range newer.entries(tree) {
		proof, err := tlog.ProveRecord(tree.N, int64(n), reader)
		check(err)
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, int64(n), tlog.RecordHash(leaf)))
		bent := append([]byte(nil), leaf...)
		bent[len(bent)-1] ^= 1
		if tlog.CheckRecord(proof, tree.N, tree.Hash, int64(n), tlog.RecordHash(bent)) == nil {
			fail("a changed entry %d was accepted", n)
		}
	}
	grown, err := tlog.ProveTree(tree.N, old.N, reader)
	check(err)
	check(tlog.CheckTree(grown, tree.N, tree.Hash, old.N, old.Hash))
	fmt.Printf("verified: %d entries, grown from %d\n", tree.N, old.N)
}
