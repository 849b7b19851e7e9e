//! Every wire a web page has to a server, behind one typed API.
