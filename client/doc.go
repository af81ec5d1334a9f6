// Package client talks to a Wherefrom server: it submits statements, fetches receipts, and asks what is recorded.
// Its reading half works with any C2SP tile log, and makes a [Client] a source to follow one and to prove from.
//
//	c, err := client.New("https://log.example.org", client.Options{})
//	sent, err := c.Submit(ctx, envelope, client.Final)
//	receipts, err := receipt.Parse(sent.Receipt) // and then verify: the client believes nothing and checks nothing
//
// Every request may be repeated safely, the submitting ones too, since a statement that is known already is
// answered with its first place in the log. So requests that fail for a reason that passes are tried again, after
// the time the server asks for.
package client
