//go:build linux

// Enclosure runs a command in a network namespace of its own, where nothing but its own loopback exists: programs that
// listen on every address cannot be reached from outside, and their fixed ports are nobody else's. With -listen, one
// address of the machine itself leads to one address inside. With -home, the user's home is another folder, also for
// programs that ask the system and not $HOME. With -bind, a file or folder takes the place
// of another.
//
//	enclosure [-listen 127.0.0.1:8080 -forward 127.0.0.1:10080] [-home FOLDER] [-bind FROM:TO,...] -- command [argument...]
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"unsafe"
)

const (
	// Name of the second stage, in the namespace; a listener, if any, is its first extra file.
	insideName = "enclosure-inside"
	listenerFd = 3
	// Exit code where the kernel makes no namespace, as `timeout` and `env` have it for faults of their own.
	exitOwnFault   = 125
	exitNoListener = 126
	capNetAdmin    = 12
	capSysAdmin    = 21
)

func main() {
	// The kernel ends a child with the thread that made it, not with the process: the main one lives longest.
	runtime.LockOSThread()
	if filepath.Base(os.Args[0]) == insideName {
		inside(os.Args[1], os.Args[2], os.Args[3], os.Args[4:])
		return
	}
	listen := flag.String("listen", "", "address of the machine")
	forward := flag.String("forward", "", "address inside that -listen leads to")
	home := flag.String("home", "", "folder that is to be the user's home")
	binds := flag.String("bind", "", "FROM:TO,... files or folders that are to be in the place of others")
	flag.Parse()
	if flag.NArg() == 0 || (*listen == "") != (*forward == "") {
		flag.Usage()
		os.Exit(exitOwnFault)
	}
	outside(*listen, *forward, *home, *binds, flag.Args())
}

func outside(listen, forward, home, binds string, command []string) {
	program, err := os.Executable()
	exitOn(err, exitOwnFault)
	child := exec.Command(program)
	// In the folder that our caller names us by, so that both stages are found by it.
	child.Args = append([]string{filepath.Join(filepath.Dir(os.Args[0]), insideName), forward, home, binds}, command...)
	child.SysProcAttr = ownNetwork()
	if listen != "" {
		listener, err := net.Listen("tcp", listen)
		exitOn(err, exitNoListener)
		file, err := listener.(*net.TCPListener).File()
		exitOn(err, exitOwnFault)
		child.ExtraFiles = []*os.File{file}
	}
	runToEnd(child)
}

func ownNetwork() *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() != 0 {
		// Without root it takes a user namespace as well, in which everybody stays who they are.
		attributes.Cloneflags |= syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
		attributes.AmbientCaps = []uintptr{capNetAdmin, capSysAdmin}
	}
	return attributes
}

func inside(forward, home, binds string, command []string) {
	exitOn(raiseLoopback(), exitOwnFault)
	// What is mounted from here on is not to appear outside.
	exitOn(syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""), exitOwnFault)
	if home != "" {
		exitOn(setHome(home), exitOwnFault)
	}
	for _, bind := range strings.Split(binds, ",") {
		if from, to, found := strings.Cut(bind, ":"); found {
			exitOn(syscall.Mount(from, to, "", syscall.MS_BIND, ""), exitOwnFault)
		}
	}
	if forward != "" {
		file := os.NewFile(listenerFd, "listener")
		listener, err := net.FileListener(file)
		exitOn(err, exitOwnFault)
		// The command is not to inherit it.
		exitOn(file.Close(), exitOwnFault)
		go accept(listener, forward)
	}
	child := exec.Command(command[0], command[1:]...)
	child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	runToEnd(child)
}

// Runs a child with our own streams, passes on what asks us to end, and ends with its exit code.
func runToEnd(child *exec.Cmd) {
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	exitOn(child.Start(), exitOwnFault)
	go func() {
		for one := range signals {
			_ = child.Process.Signal(one)
		}
	}()
	err := child.Wait()
	var ended *exec.ExitError
	if errors.As(err, &ended) && ended.ExitCode() >= 0 {
		os.Exit(ended.ExitCode())
	}
	exitOn(err, 1)
}

func accept(listener net.Listener, forward string) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go join(client.(*net.TCPConn), forward)
	}
}

func join(client *net.TCPConn, forward string) {
	defer client.Close()
	dialled, err := net.Dial("tcp", forward)
	if err != nil {
		return
	}
	server := dialled.(*net.TCPConn)
	defer server.Close()
	answered := make(chan struct{})
	go func() {
		pass(client, server)
		close(answered)
	}()
	pass(server, client)
	<-answered
}

// Passes on bytes, and the end of them; a connection that breaks off breaks off on the other side too.
func pass(to, from *net.TCPConn) {
	if _, err := io.Copy(to, from); err != nil {
		_ = to.SetLinger(0)
		_ = to.Close()
		_ = from.Close()
		return
	}
	_ = to.CloseWrite()
}

// Puts a list of users of our own in the place of the system's, for this mount namespace alone.
func setHome(home string) error {
	users := filepath.Join(home, "passwd")
	line := fmt.Sprintf("user:x:%d:%d::%s:/bin/sh\n", os.Getuid(), os.Getgid(), home)
	if err := os.WriteFile(users, []byte(line), 0o600); err != nil {
		return err
	}
	if err := syscall.Mount(users, "/etc/passwd", "", syscall.MS_BIND, ""); err != nil {
		return fmt.Errorf("/etc/passwd cannot be replaced: %w", err)
	}
	return os.Setenv("HOME", home)
}

func raiseLoopback() error {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(socket)
	// struct ifreq of netdevice(7): the name, then a union of which the flags are the first bytes.
	request := struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}{flags: syscall.IFF_UP | syscall.IFF_RUNNING}
	copy(request.name[:], "lo")
	address := uintptr(unsafe.Pointer(&request))
	if _, _, fault := syscall.Syscall(syscall.SYS_IOCTL, uintptr(socket), syscall.SIOCSIFFLAGS, address); fault != 0 {
		return fmt.Errorf("the loopback device cannot be raised: %w", fault)
	}
	return nil
}

func exitOn(err error, code int) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "enclosure: %v\n", err)
		os.Exit(code)
	}
}
