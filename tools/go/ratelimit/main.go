// A Redis in memory on loopback, for the rate-limit service to count in: redis [port].
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alicebob/miniredis/v2"
)

func main() {
	server := miniredis.NewMiniRedis()
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: redis PORT")
		os.Exit(2)
	}
	if err := server.StartAddr("127.0.0.1:" + os.Args[1]); err != nil {
		fmt.Fprintf(os.Stderr, "redis: %v\n", err)
		os.Exit(1)
	}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGINT, syscall.SIGTERM)
	<-ended
	server.Close()
}
