// Speaks to a clerk with Debian's Varlink library for Go: nothing of ours is in this program.
//
//	client SOCKET TICKET
//
// Prints "ok WHAT" or "FAILED WHAT: WHY" a line.
// Rights: for tests.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/varlink/go/varlink"
	"github.com/varlink/go/varlink/idl"
)

func check(what string, good bool, why interface{}) {
	if good {
		fmt.Println("ok     ", what)
	} else {
		fmt.Printf("FAILED  %s: %v\n", what, why)
	}
}

type object map[string]interface{}

func caller(ticket string, more object) object {
	parameters := object{"caller": object{"ticket": ticket}}
	for name, value := range more {
		parameters[name] = value
	}
	return parameters
}

// Errors of ours, by name.
func named(err error) string {
	if one, is := err.(*varlink.Error); is {
		return one.Name
	}
	return fmt.Sprint(err)
}

func introspects(ctx context.Context, connection *varlink.Connection) {
	var vendor, product, version, url string
	var interfaces []string
	err := connection.GetInfo(ctx, &vendor, &product, &version, &url, &interfaces)
	check("GetInfo", err == nil && product != "" && strings.Contains(strings.Join(interfaces, " "), "nas.users"), err)
	for _, name := range interfaces {
		description, err := connection.GetInterfaceDescription(ctx, name)
		check("the description of "+name, err == nil, err)
		parsed, err := idl.New(description)
		check("another parser reads "+name, err == nil && parsed.Name == name, err)
	}
	_, err = connection.GetInterfaceDescription(ctx, "nas.none")
	_, unknown := err.(*varlink.InterfaceNotFound)
	check("an interface that is not there", unknown, err)
}

func calls(ctx context.Context, connection *varlink.Connection, ticket string) {
	var users struct{ Users []object }
	err := connection.Call(ctx, "nas.users.ListUsers", caller(ticket, nil), &users)
	check("a method with a ticket", err == nil && len(users.Users) > 0, err)
	err = connection.Call(ctx, "nas.users.ListUsers", object{}, nil)
	check("not without one", named(err) == "nas.error.Unauthenticated", err)
	err = connection.Call(ctx, "nas.users.GetUser", caller(ticket, object{"username": 7}), nil)
	check("a wrong type", named(err) == "nas.error.Invalid", err)
	err = connection.Call(ctx, "nas.users.GetUser", caller(ticket, object{"username": "alice", "more": 1}), nil)
	check("an unknown member", named(err) == "nas.error.Invalid", err)
	err = connection.Call(ctx, "nas.users.NoSuchThing", caller(ticket, nil), nil)
	_, unknown := err.(*varlink.MethodNotFound)
	check("a method that is not there", unknown, err)
	var dry struct{ Plan object }
	parameters := object{"username": "gopher", "caller": object{"ticket": ticket, "dry_run": true}}
	err = connection.Call(ctx, "nas.users.CreateUser", parameters, &dry)
	check("a dry run", err == nil && dry.Plan["digest"] != nil, err)
	err = connection.Call(ctx, "nas.users.CreateGroup", caller(ticket, object{"name": "gophers"}), nil)
	check("a change", err == nil, err)
}

// Watches groups and sees a change made over another connection.
func watches(ctx context.Context, address string, connection *varlink.Connection, ticket string) {
	other, err := varlink.NewConnection(ctx, address)
	if err != nil {
		check("a second connection", false, err)
		return
	}
	defer other.Close()
	receive, err := connection.Send(ctx, "nas.users.ListGroups", caller(ticket, nil), varlink.More)
	check("a watch begins", err == nil, err)
	var first, second json.RawMessage
	flags, err := receive(ctx, &first)
	check("with the whole", err == nil && flags&varlink.Continues != 0 && strings.Contains(string(first), "gophers"), err)
	err = other.Call(ctx, "nas.users.CreateGroup", caller(ticket, object{"name": "watched"}), nil)
	check("a change elsewhere", err == nil, err)
	flags, err = receive(ctx, &second)
	check("arrives as a difference", err == nil && flags&varlink.Continues != 0 &&
		strings.Contains(string(second), "watched") && !strings.Contains(string(second), "gophers"), string(second))
}

func pipelines(ctx context.Context, connection *varlink.Connection, ticket string) {
	type receiver = func(context.Context, interface{}) (uint64, error)
	var receivers []receiver
	for i := 0; i < 20; i++ {
		receive, err := connection.Send(ctx, "nas.users.Me", caller(ticket, nil), 0)
		if err != nil {
			check("pipelined calls", false, err)
			return
		}
		receivers = append(receivers, receive)
	}
	for _, receive := range receivers {
		if _, err := receive(ctx, nil); err != nil && !strings.HasPrefix(named(err), "nas.error.") {
			check("pipelined calls", false, err)
			return
		}
	}
	check("pipelined calls", true, nil)
	_, err := connection.Send(ctx, "nas.users.Me", caller(ticket, nil), varlink.Oneway)
	check("a call nobody waits for", err == nil, err)
	var users json.RawMessage
	err = connection.Call(ctx, "nas.users.ListUsers", caller(ticket, nil), &users)
	check("and the connection goes on", err == nil && strings.Contains(string(users), "users"), err)
}

func main() {
	ctx := context.Background()
	address, ticket := "unix:"+os.Args[1], os.Args[2]
	connection, err := varlink.NewConnection(ctx, address)
	check("connects", err == nil, err)
	if err != nil {
		os.Exit(1)
	}
	introspects(ctx, connection)
	calls(ctx, connection, ticket)
	pipelines(ctx, connection, ticket)
	watches(ctx, address, connection, ticket)
}
