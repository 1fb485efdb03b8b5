// The project's decision table behind net/http and encoding/json.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"sort"
)

// A table cuts the space of all rows into cells. In each feature, interval i ends at boundary i, which belongs to it.
type table struct {
	Boundaries [][]float64 `json:"boundaries"`
	Answers    []int       `json:"answers"` // by cell, the last feature varies fastest
	Labels     []int       `json:"labels"`  // by answer
}

type request struct {
	Instances [][]float64 `json:"instances"`
}

type reply struct {
	Predictions []int `json:"predictions"`
}

func (t *table) predict(row []float64) int {
	cell := 0
	for feature, boundaries := range t.Boundaries {
		cell = cell*(len(boundaries)+1) + sort.SearchFloat64s(boundaries, row[feature])
	}
	return t.Labels[t.Answers[cell]]
}

func (t *table) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked request
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer := reply{Predictions: make([]int, len(asked.Instances))}
	for i, row := range asked.Instances {
		if len(row) != len(t.Boundaries) {
			http.Error(w, "a row has another length", http.StatusBadRequest)
			return
		}
		answer.Predictions[i] = t.predict(row)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(answer)
}

func main() {
	content, err := os.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	var served table
	if err := json.Unmarshal(content, &served); err != nil {
		log.Fatal(err)
	}
	http.Handle("/predict", &served)
	log.Fatal(http.ListenAndServe(os.Args[1], nil))
}
