"""What personas say: words, terms, quotes and complaints."""
