package main

import "context"

func benchBatch(context.Context, settings) ([]row, error) { return nil, nil }
func benchFast(context.Context, settings) ([]row, error)  { return nil, nil }
